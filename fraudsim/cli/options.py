"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fraudsim.cli.shape import FolderOrUrl

if TYPE_CHECKING:
    from collections.abc import Callable

Command = TypeVar("Command", bound="Callable[..., Any]")

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
data_or_none = click.argument("data", metavar="[DATA]", required=False, type=FolderOrUrl())
_label = click.option("--label", help="Own table: the column that is 1 for fraud.")
_time = click.option("--time", help="Own table: the column that says when.")
_amount = click.option("--amount", help="Own table: the column of amounts.")
_entity = click.option(
    "--entity", multiple=True, help="Own table: a column that says who. Can be repeated."
)
_world = click.option(
    "--world",
    type=click.Path(path_type=Path),
    help="For simulate: a simulated dataset to take frauds from.  [default: DATA's own world]",
)
_world_map = click.option(
    "--map", metavar="MAP", help="For simulate and your own table: its map, as for fraudsim audit."
)
_attack = click.option(
    "--attack",
    "attacks",
    metavar="NAME",
    multiple=True,
    help="For simulate: a pattern to simulate. Can be repeated.  [default: those that are known]",
)


def own_table_options(command: Command) -> Command:
    """Add the options that say what the columns of a table of one's own are."""
    return _all(command, _label, _time, _amount, _entity)


def world_options(command: Command) -> Command:
    """Add the options of rebalancers that take frauds from a simulated world."""
    return _all(command, _attack, _world, _world_map)


def _all(command: Command, *options: Callable[[Command], Command]) -> Command:
    for option in reversed(options):  # as decorators, the last is the first to be applied
        command = option(command)
    return command


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
