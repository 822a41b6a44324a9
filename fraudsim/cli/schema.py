"""``fraudsim schema``: the formats of scenarios, playbooks and datasets."""

from __future__ import annotations

import click

from fraudsim.cli.options import as_json
from fraudsim.cli.printing import print_result
from fraudsim.cli.shape import Command


@click.command(cls=Command, example="fraudsim schema > scenario.schema.json")
@click.option("--tables", is_flag=True, help="The data dictionary of a dataset, as Markdown.")
@click.option("--playbook", is_flag=True, help="The JSON Schema of a playbook.")
@as_json
def schema(*, tables: bool, playbook: bool, as_json: bool) -> None:
    """Print the format of scenarios, of playbooks or of datasets.

    The JSON Schema of a scenario file, or with --playbook of an attack pattern in YAML, is JSON
    with or without --json. With --tables, print every table and column of a dataset instead.
    """
    if playbook:
        from fraudsim.attacks.kit.playbook.form import json_schema as playbook_schema

        print_result(playbook_schema(), True, list)
    elif tables:
        from fraudsim.data_dictionary import data_dictionary, data_dictionary_markdown

        print_result(data_dictionary(), as_json, lambda: data_dictionary_markdown().splitlines())
    else:
        from fraudsim.scenario_files import json_schema

        print_result(json_schema(), True, list)
