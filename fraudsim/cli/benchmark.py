"""``fraudsim benchmark``: judge detectors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fraudsim.cli.options import (
    as_json,
    data_argument,
    own_table_options,
    quiet,
    ratio_option,
    seed_option,
)
from fraudsim.cli.printing import given, print_result, progress_on_stderr
from fraudsim.cli.shape import Command

if TYPE_CHECKING:
    from collections.abc import Iterable


@click.command(cls=Command, example="fraudsim benchmark world -o results.json")
@data_argument
@click.option(
    "--detector",
    "detectors",
    multiple=True,
    help="A detector to judge. Can be repeated.  [default: rules, logistic, lightgbm]",
)
@click.option(
    "--rebalancer",
    "rebalancers",
    multiple=True,
    help="A rebalancer of what they learn from. Can be repeated.  [default: none]",
)
@own_table_options
@ratio_option
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    help="Alerts a day.  [default: 100 per 100,000 rows a day]",
)
@seed_option
@click.option("-o", "--out", type=click.Path(path_type=Path), help="JSON file to write as well.")
@quiet
@as_json
def benchmark(*, data: Path | str, quiet: bool, as_json: bool, **settings: Any) -> None:
    """Judge fraud detectors on a dataset or a table.

    Fit each detector on the past of DATA and judge it on the future. DATA is a dataset, or a
    CSV or Parquet table of your own, whose columns you then name.
    """
    from fraudsim.benchmark import benchmark as run
    from fraudsim.benchmark import render_table

    result = run(data, progress=progress_on_stderr(quiet), **given(settings))

    def text() -> Iterable[str]:
        yield render_table(result)
        if result.path:
            yield f"wrote {result.path}"

    print_result(result.as_dict(), as_json, text)
