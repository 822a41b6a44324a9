"""``fraudsim rebalance``: balanced training sets, and whether they help."""

from __future__ import annotations

import json
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
    world_options,
)
from fraudsim.cli.printing import aligned, given, print_result, progress_on_stderr
from fraudsim.cli.shape import AUDIT_EXITS, Command

if TYPE_CHECKING:
    from collections.abc import Iterable


@click.command(cls=Command, example="fraudsim rebalance world --method smotenc -o balanced.parquet")
@data_argument
@click.option(
    "--method", default="random_under", show_default=True, help="The rebalancer, by name."
)
@ratio_option
@click.option(
    "--by",
    metavar="KIND",
    help="Give every kind of fraud an equal share: attack, or a column of your table.",
)
@own_table_options
@world_options
@seed_option
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="Parquet file to write."
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it exists.")
@as_json
def rebalance(*, data: Path | str, as_json: bool, **settings: Any) -> None:
    """Make a balanced training set of a dataset or a table.

    Only the past of DATA, with the labels known then, is rebalanced and written, with a manifest
    beside it. DATA is a dataset, or a CSV or Parquet table of your own, whose columns you name.
    (Data in a folder called compare or methods is ./compare or ./methods.)
    """
    from fraudsim.rebalance import rebalance as run

    result = run(data, **given(settings))

    def text() -> Iterable[str]:
        yield f"wrote {result.path} ({result.rows:,} rows, {result.frauds:,} frauds)"
        yield f"method: {result.method} {json.dumps(result.parameters)}"
        yield from aligned(("", f"{origin} rows", n) for origin, n in result.origins.items())
        for kinds in result.by.values():
            yield from aligned(
                ("", kind, n["known"], "known,", n["rows"], "rows,", n["weight"], "by weight")
                for kind, n in kinds.items()
            )
        yield from (f"note: {note}" for note in result.notes)
        yield f"manifest: {result.manifest_path}"

    print_result(result.as_dict(), as_json, text)


@click.command(
    "rebalance compare",
    cls=Command,
    example="fraudsim rebalance compare world --seeds 5 -o compared.json",
)
@data_argument
@click.option(
    "--detector", default="lightgbm", show_default=True, help="What is fitted behind each method."
)
@click.option(
    "--methods",
    metavar="NAME,NAME,...",
    help="Rebalancers, also as 'NAME by attack'.  [default: all, and some by attack]",
)
@click.option(
    "--seeds", type=click.IntRange(min=1), default=5, show_default=True, help="Fits per method."
)
@own_table_options
@ratio_option
@world_options
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    help="Alerts a day.  [default: 100 per 100,000 rows a day]",
)
@click.option(
    "--recalibrate/--no-recalibrate",
    default=True,
    show_default=True,
    help="Try isotonic recalibration as well, which takes a second fit.",
)
@click.option(
    "--rare",
    type=click.IntRange(min=0),
    metavar="N",
    help="Judge only by frauds of attacks with at most N known training frauds.",
)
@seed_option
@click.option("-o", "--out", type=click.Path(path_type=Path), help="JSON file to write as well.")
@quiet
@as_json
def rebalance_compare(
    *, data: Path | str, methods: str | None, quiet: bool, as_json: bool, **settings: Any
) -> None:
    """Ask whether rebalancing helps.

    Fit a detector behind every rebalancer on the past of DATA, judge it on the future as it is,
    and set it beside no rebalancing and class weights: what is better, what is worse, what is a
    tie. A method that fails is named. With -o, the same call goes on after it was killed.
    """
    from fraudsim.comparison import compare_rebalancers
    from fraudsim.comparison.shown import text_lines

    names = None if methods is None else methods.split(",")
    result = compare_rebalancers(
        data, methods=names, progress=progress_on_stderr(quiet), **given(settings)
    )

    def text() -> Iterable[str]:
        yield from text_lines(result)
        if result.path:
            yield f"wrote {result.path}"

    print_result(result.as_dict(), as_json, text)


@click.command(
    "rebalance quality",
    cls=Command,
    example="fraudsim rebalance quality world --method gaussian_copula -o quality.html",
    epilog=AUDIT_EXITS,
)
@data_argument
@click.option("--method", required=True, help="A rebalancer that adds frauds, by name.")
@ratio_option
@own_table_options
@world_options
@seed_option
@click.option("-o", "--out", type=click.Path(path_type=Path), help="HTML or JSON file to write.")
@as_json
def rebalance_quality(*, data: Path | str, as_json: bool, **settings: Any) -> None:
    """Ask whether made frauds are like real ones, and leak none.

    Let a rebalancer make frauds of half of the known ones of DATA, and compare them with the other
    half: shapes of columns, pairs, a detector that tells them apart; copies, and whether planted
    frauds can be found out from what was made.
    """
    from fraudsim.errors import CheckFailedError
    from fraudsim.quality.shown import VERDICTS, ends, number, says
    from fraudsim.rebalance_quality import rebalance_quality as run

    result = run(data, **given(settings))

    def text() -> Iterable[str]:
        yield result.verdict
        yield from aligned(
            (VERDICTS[one.verdict], one.id, number(one.value), ends(one.band), says(one))
            for one in result.findings
        )
        if settings["out"]:
            yield f"wrote {settings['out']}"

    print_result(result.as_dict(), as_json, text)
    if result.failed:
        raise CheckFailedError(result.verdict)


@click.command("rebalance methods", cls=Command, example="fraudsim rebalance methods")
@click.option("--markdown", is_flag=True, help="Print the page docs/rebalancers.md.")
@as_json
def rebalance_methods(*, markdown: bool, as_json: bool) -> None:
    """List the rebalancers.

    List what fraudsim rebalance --method takes: what each does, where it is from, its parameters.
    """
    from fraudsim.rebalancers.kit.catalogue import catalogue, catalogue_markdown

    if markdown:
        click.echo(catalogue_markdown(), nl=False)
        return
    found = catalogue()
    print_result(found, as_json, lambda: aligned((one["name"], one["summary"]) for one in found))
