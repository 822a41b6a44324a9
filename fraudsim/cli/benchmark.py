"""``fraudsim benchmark``: judge detectors, on one dataset or over tracks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fraudsim.cli.options import (
    as_json,
    data_argument,
    data_or_none,
    own_table_options,
    quiet,
    ratio_option,
    seed_option,
)
from fraudsim.cli.printing import aligned, given, print_result, progress_on_stderr
from fraudsim.cli.shape import CHECK_EXITS, CONTRACT_EXITS, Command
from fraudsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fraudsim.tracks.run import TracksResult
    from fraudsim.tracks.summary import Figure, Line

OF_TRACKS = ("workers", "worlds")
OF_DATA = ("rebalancers", "label", "time", "amount", "entity", "ratio", "budget")


@click.command(cls=Command, example="fraudsim benchmark world -o results.json")
@data_or_none
@click.option(
    "--detector",
    "detectors",
    multiple=True,
    help="Who is judged: a name, module:object, a file, http://...; with --track also as "
    "NAME+REBALANCER, and all by default. Can be repeated.  [default: rules, logistic, lightgbm]",
)
@click.option(
    "--track",
    "tracks",
    multiple=True,
    help="A course over simulated worlds, or all, in the place of DATA. Can be repeated.",
)
@click.option(
    "--rebalancer",
    "rebalancers",
    multiple=True,
    help="DATA: a rebalancer of what they learn from. Can be repeated.  [default: none]",
)
@own_table_options
@ratio_option
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    help="DATA: alerts a day.  [default: 100 per 100,000 rows a day]",
)
@click.option(
    "--workers", type=click.IntRange(min=1), help="Tracks: processes that run.  [default: 1]"
)
@click.option(
    "--worlds",
    type=click.IntRange(min=1),
    help="Tracks: only the first so many worlds of each, for a quick look.",
)
@seed_option
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="JSON file to write as well; with --track the folder of results.  [default: results]",
)
@quiet
@as_json
@click.pass_context
def benchmark(
    context: click.Context,
    /,
    *,
    data: Path | str | None,
    tracks: tuple[str, ...],
    quiet: bool,
    as_json: bool,
    **settings: Any,
) -> None:
    """Judge fraud detectors, on a dataset or a table, or over tracks.

    Fit each detector on the past of DATA and judge it on the future. DATA is a dataset, or a
    CSV or Parquet table of your own, whose columns you then name. With --track, the worlds are
    simulated; the same command goes on with results that are there. `fraudsim benchmark tracks`
    lists the tracks. (Data in a folder called tracks or
    check, or like another word after `benchmark`, is ./tracks and so on.)
    """
    given_ones = given(settings)
    if context.get_parameter_source("seed") == click.core.ParameterSource.DEFAULT:
        given_ones.pop("seed", None)
    if tracks:
        if data is not None:
            raise UsageError(f"give DATA ({data}) or --track, not both: tracks have worlds")
        _refuse(given_ones, (*OF_DATA, "seed"), "is for DATA, and tracks say it themselves")
        _over_tracks(tracks, given_ones, quiet, as_json)
        return
    if data is None:
        raise UsageError("give DATA (a dataset or a table) or --track NAME (or --track all)")
    _refuse(given_ones, OF_TRACKS, "is for --track")
    _on_data(data, given_ones, quiet, as_json)


def _refuse(settings: Mapping[str, Any], names: Iterable[str], why: str) -> None:
    for name in names:
        if name in settings:
            raise UsageError(f"--{name.removesuffix('s') if name == 'rebalancers' else name} {why}")


def _on_data(data: Path | str, settings: Mapping[str, Any], quiet: bool, as_json: bool) -> None:
    from fraudsim.benchmark import benchmark as run
    from fraudsim.benchmark import render_table

    result = run(data, progress=progress_on_stderr(quiet), **settings)

    def text() -> Iterable[str]:
        yield render_table(result)
        if result.path:
            yield f"wrote {result.path}"

    print_result(result.as_dict(), as_json, text)


def _over_tracks(
    tracks: tuple[str, ...], settings: Mapping[str, Any], quiet: bool, as_json: bool
) -> None:
    from fraudsim.tracks.run import benchmark_tracks

    result = benchmark_tracks(
        tracks, **{"out": Path("results"), **settings}, progress=progress_on_stderr(quiet)
    )
    print_result(result.as_dict(), as_json, lambda: _told(result))


def _told(result: TracksResult) -> Iterator[str]:
    summary = result.summary
    ties = {(one.track, one.arm): one for one in summary.standings if one.metric == HEADLINE}
    for track in summary.tracks:
        yield f"{track['name']}: {track['question']}"
        for arm in track["arms"]:
            lines = [x for x in summary.lines if (x.track, x.arm) == (track["name"], arm)]
            if not lines:
                continue
            standing = ties[track["name"], arm]
            yield f"  {arm}"
            yield from (f"    {line}" for line in aligned(_table(lines, standing.ties_with_best)))
        yield ""
    yield from (f"warning: {text}" for text in summary.warnings)
    yield from (f"failed: {name}: {why}" for name, why in result.failed.items())
    yield f"wrote {result.folder} ({result.trials:,} trials)"
    yield f"next: open {result.page} in a browser"


HEADLINE = "average_precision"
SHOWN = {
    HEADLINE: "AP",
    "recall_at_1pct_fpr": "recall@1%FPR",
    "precision_in_budget_100": "prec@budget",
    "recall_in_budget_100": "recall@budget",
    "money_saved_share_100": "saved/oracle",
    "victims_alerted": "victims alerted",
}


def _table(lines: list[Line], ties: Iterable[str]) -> Iterator[tuple[str, ...]]:
    yield ("detector", *SHOWN.values(), "")
    tied = set(ties)
    ranked = sorted(lines, key=lambda line: -(line.figures[HEADLINE].mean or 0.0))
    best = next((line.name for line in ranked if not line.ceiling), None)
    for line in ranked:
        note = "ceiling" if line.ceiling else "floor" if line.floor else ""
        if line.name == best:
            note = "best"
        elif line.name in tied:
            note = f"{note} ties with the best".strip()
        yield (line.name, *(_figure(line.figures.get(name)) for name in SHOWN), note)


def _figure(figure: Figure | None) -> str:
    if figure is None or figure.mean is None:
        return "-"
    if figure.low is None:
        return f"{figure.mean:.3f}"
    return f"{figure.mean:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


@click.command("benchmark tracks", cls=Command, example="fraudsim benchmark tracks")
@as_json
def benchmark_tracks_list(*, as_json: bool) -> None:
    """List the tracks: what each asks, and in which worlds."""
    from fraudsim.tracks.track import load_track, track_names

    tracks = [load_track(name) for name in track_names()]

    def text() -> Iterable[str]:
        return aligned((one.name, f"{len(one.world_seeds)} worlds", one.question) for one in tracks)

    print_result([one.model_dump(mode="json") for one in tracks], as_json, text)


@click.command(
    "benchmark check",
    cls=Command,
    example="fraudsim benchmark check my_package:model",
    epilog=CONTRACT_EXITS,
)
@click.argument("detector")
@as_json
@click.pass_context
def benchmark_check(context: click.Context, /, *, detector: str, as_json: bool) -> None:
    """Ask whether a detector is honest.

    It runs in a small world several times, with what must not matter changed: the truth that
    nobody has reported, later rows, what was run before. If its scores change, it is caught.
    """
    from fraudsim.tracks.admission import check_detector

    found = check_detector(detector)

    def text() -> Iterable[str]:
        yield from (f"{one.name}: {one.sentence}" for one in found)
        if not found:
            yield f"{detector} was not caught reading labels, peeking ahead or keeping state"

    value = {"detector": detector, "found": {one.name: one.sentence for one in found}}
    print_result(value, as_json, text)
    context.exit(3 if found else 0)


@click.command(
    "benchmark compare",
    cls=Command,
    example="fraudsim benchmark compare results-before results-after",
    epilog=CHECK_EXITS,
)
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option(
    "--tolerance",
    "tolerances",
    multiple=True,
    metavar="METRIC=VALUE",
    help="How far the mean of a metric may move. Can be repeated.",
)
@as_json
@click.pass_context
def benchmark_compare(
    context: click.Context,
    /,
    *,
    before: Path,
    after: Path,
    tolerances: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compare two folders of results, figure by figure.

    Every metric has a tolerance; what moved by more, or is missing on one side, is listed. Times
    and memory are not compared.
    """
    from fraudsim.tracks.compare import compare_benchmarks

    result = compare_benchmarks(before, after, tolerances=tolerances)

    def text() -> Iterable[str]:
        rows = [
            (x.track, x.arm, x.detector, x.rebalancer, x.metric, x.before, "->", x.after)
            for x in result.changes
        ]
        yield from aligned(rows)
        yield f"{len(result.changes):,} of {result.compared:,} figures moved by more than they may"

    print_result(result.as_dict(), as_json, text)
    context.exit(3 if result.changes else 0)


@click.command(
    "benchmark save",
    cls=Command,
    example="fraudsim benchmark save world --detector lightgbm -o model.onnx",
)
@data_argument
@click.option("--detector", default="lightgbm", show_default=True, help="What is fitted.")
@own_table_options
@seed_option
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="ONNX file to write."
)
@as_json
def benchmark_save(*, data: Path | str, as_json: bool, **settings: Any) -> None:
    """Fit a detector to the past of DATA and save it as ONNX.

    The file holds no code, scores as the detector does, and goes wherever ONNX runs: into
    `fraudsim benchmark DATA --detector model.onnx`, or behind `fraudsim benchmark serve`.
    """
    from fraudsim.save_detector import save_detector

    result = save_detector(data, **given(settings))

    def text() -> Iterable[str]:
        yield f"wrote {result.path} ({len(result.columns)} columns)"
        yield f"{result.detector} learnt from {result.rows:,} rows, frauds: {result.frauds:,}"
        yield f"next: fraudsim benchmark {data} --detector {result.path}"

    print_result(result.as_dict(), as_json, text)


@click.command(
    "benchmark serve", cls=Command, example="fraudsim benchmark serve model.onnx --port 8000"
)
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8000,
    show_default=True,
    help="Where to listen on this machine; 0 takes one that is free.",
)
@as_json
def benchmark_serve(*, model: Path, port: int, as_json: bool) -> None:
    """Serve an ONNX file behind HTTP, on this machine only.

    It answers POST /score until it is interrupted: to try what a detector behind HTTP is like
    (`--detector http://127.0.0.1:8000`), not for a bank.
    """
    from fraudsim.detectors.kit.serve import serve

    with serve(model, port=port) as server:
        value = {"model": str(model), "url": server.url}
        print_result(value, as_json, lambda: [f"serving {model} at {server.url}"])
        server.serve_forever()


@click.command(
    "benchmark leaderboard",
    cls=Command,
    example="fraudsim benchmark leaderboard results -o leaderboard.html",
)
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="HTML file to write."
)
@as_json
def benchmark_leaderboard(*, results: Path, out: Path, as_json: bool) -> None:
    """Write the results of tracks as one page that needs no network.

    RESULTS is the folder that `fraudsim benchmark --track` wrote.
    """
    from fraudsim.leaderboard import leaderboard

    result = leaderboard(results, out)
    value = {"path": str(result.path), "bytes": result.bytes, "charts": list(result.charts)}
    print_result(
        value,
        as_json,
        lambda: [f"wrote {result.path} ({result.bytes:,} bytes, open it in a browser)"],
    )
