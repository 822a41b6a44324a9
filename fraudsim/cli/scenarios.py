"""``fraudsim scenarios``: list, show and explain them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from fraudsim.cli.options import as_json, attacks_option, overrides_option
from fraudsim.cli.printing import aligned, print_result
from fraudsim.cli.shape import Group, help_if_bare

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@click.group(cls=Group, example="fraudsim scenarios list")
@click.pass_context
def scenarios(context: click.Context) -> None:
    """List, show and explain scenarios."""
    help_if_bare(context)


@scenarios.command("list", example="fraudsim scenarios list")
@as_json
def scenarios_list(*, as_json: bool) -> None:
    """List the presets, the scenarios that come with fraudsim."""
    from fraudsim.scenario_files import load_scenario, preset_names

    rows = [(name, load_scenario(name).description) for name in preset_names()]
    value = [{"name": name, "description": description} for name, description in rows]
    print_result(value, as_json, lambda: aligned(rows))


@scenarios.command("show", example="fraudsim scenarios show tiny --set calendar.days=7")
@click.argument("scenario_name", metavar="SCENARIO")
@overrides_option
@as_json
def scenarios_show(*, scenario_name: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Print a scenario with every default.

    Print SCENARIO as YAML with everything it extends and every default written out.
    """
    from fraudsim.scenario_files import load_scenario, to_yaml

    scenario = load_scenario(scenario_name, overrides=overrides)
    print_result(scenario.as_dict(), as_json, lambda: to_yaml(scenario).splitlines())


@scenarios.command("explain", example="fraudsim scenarios explain cards")
@click.argument("scenario_name", metavar="SCENARIO")
@overrides_option
@attacks_option
@as_json
def scenarios_explain(
    *,
    scenario_name: str,
    overrides: tuple[str, ...],
    attack_paths: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Print every number and its source.

    Print every value of SCENARIO, what it means and where it comes from: its source, or that it
    is an assumption.
    """
    from dataclasses import asdict

    from fraudsim.registry import ATTACKS, discover
    from fraudsim.scenario_files import explain, load

    loaded = load(scenario_name, overrides=overrides)
    rows = explain(loaded.scenario, patterns=discover(ATTACKS, attack_paths), notes=loaded.notes)

    def text() -> Iterable[str]:
        for row in rows:
            was = "" if row.value == row.default else f"  (default {json.dumps(row.default)})"
            yield f"{row.key} = {json.dumps(row.value)}{was}"
            yield f"    {row.meaning}"
            yield f"    source: {row.source}"

    print_result([asdict(row) for row in rows], as_json, text)
