"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

from fraudsim.cli.shape import FolderOrUrl

ROWS_HELP = "Rows to print at most; JSON has all."
MAX_SEED = 2**63 - 1

as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
quiet = click.option("--quiet", is_flag=True, help="Show no progress.")
workers = click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes; the result does not depend on them.",
)
attacks_option = click.option(
    "--attacks",
    "attack_paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file or folder with attack patterns of yours: .py is run, .yaml read. Can be repeated.",
)
overrides_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a value of the scenario, as calendar.days=30. Can be repeated.",
)
data_argument = click.argument("data", metavar="DATA", type=FolderOrUrl())
label_option = click.option("--label", help="Own table: the column that is 1 for fraud.")
time_option = click.option("--time", help="Own table: the column that says when.")
amount_option = click.option("--amount", help="Own table: the column of amounts.")
entity_option = click.option(
    "--entity", multiple=True, help="Own table: a column that says who. Can be repeated."
)
world_option = click.option(
    "--world",
    type=click.Path(path_type=Path),
    help="For simulate: a simulated dataset to take frauds from.  [default: DATA's own world]",
)
world_map_option = click.option(
    "--map", metavar="MAP", help="For simulate and your own table: its map, as for fraudsim audit."
)
attack_option = click.option(
    "--attack",
    "attacks",
    metavar="NAME",
    multiple=True,
    help="For simulate: a pattern to simulate. Can be repeated.  [default: those that are known]",
)
ratio_option = click.option(
    "--ratio",
    type=click.FloatRange(min=0, min_open=True),
    help="Frauds per genuine row, for methods that have a ratio.  [default: the method's]",
)
seed_option = click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    default=1,
    show_default=True,
    help="Seed of everything random.",
)
dataset_argument = click.argument("dataset", metavar="DIR", type=FolderOrUrl())
