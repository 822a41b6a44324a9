"""``fraudsim report``: the page of a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fraudsim.cli.options import as_json, dataset_argument
from fraudsim.cli.printing import print_result
from fraudsim.cli.shape import Command

if TYPE_CHECKING:
    from collections.abc import Iterable


@click.command(cls=Command, example="fraudsim report world -o world.html")
@dataset_argument
@click.option(
    "--benchmark",
    type=click.Path(path_type=Path),
    help="Results of fraudsim benchmark -o, to draw as well.",
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="HTML file to write."
)
@as_json
def report(*, dataset: Path | str, benchmark: Path | None, out: Path, as_json: bool) -> None:
    """Write the HTML page of a dataset.

    Write one HTML page that shows the dataset in DIR and needs no network.
    """
    from dataclasses import asdict

    from fraudsim.report import report as run

    result = run(dataset, out=out, benchmark=benchmark)

    def text() -> Iterable[str]:
        yield f"wrote {result.path} ({result.bytes:,} bytes, {len(result.charts)} charts)"

    print_result(asdict(result), as_json, text)
