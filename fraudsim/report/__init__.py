"""The report of a run: one HTML page that stands alone and needs no network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fraudsim.errors import UsageError
from fraudsim.sinks.whole_file import written_whole

if TYPE_CHECKING:
    from pathlib import Path

    from fraudsim.dataset import Dataset
    from fraudsim.report.chart import Chart
    from fraudsim.report.run import Run

__all__ = ["ReportResult", "report"]


@dataclass(frozen=True)
class ReportResult:
    """A report that was written: where, its size in bytes, and the charts drawn in it."""

    path: Path
    bytes: int
    charts: tuple[str, ...]


def report(data: str | Path | Dataset, *, out: Path, benchmark: Path | None = None) -> ReportResult:
    """Write the report of a dataset to ``out``; the same dataset gives the same bytes.

    Args:
        data: the dataset or its folder.
        out: the HTML file to write; one that exists is replaced, once the new one is whole.
        benchmark: results of ``fraudsim benchmark`` (``fraudsim.benchmark/1``) to draw as well.

    Raises:
        UsageError: ``data`` is no whole dataset, ``benchmark`` no file of results or one of
            another dataset, or ``out`` a folder.
        FraudsimError: the report cannot be written, or the tables mix currencies.
    """
    from fraudsim.dataset import Dataset, open_dataset
    from fraudsim.report.page import page
    from fraudsim.report.results import check_source, read_results, result_charts
    from fraudsim.report.run import open_run
    from fraudsim.report.summary import summary

    _check_out(out)
    results = read_results(benchmark) if benchmark else None
    run = open_run(data if isinstance(data, Dataset) else open_dataset(data))
    if benchmark and results:
        check_source(benchmark, results, run.data.manifest.digest)
    charts = _run_charts(run) + (result_charts(results) if results else [])
    content = page(summary(run), charts).encode()
    with written_whole(out) as aside:
        aside.write_bytes(content)
    return ReportResult(out, len(content), tuple(chart.name for chart in charts if chart.rows))


def _run_charts(run: Run) -> list[Chart]:
    from fraudsim.report import campaigns, gather, places

    makers = (
        gather.daily,
        gather.hours,
        gather.amounts,
        gather.channels,
        gather.attacks,
        gather.delay,
        places.distance,
        places.places,
        gather.responses,
        campaigns.campaigns,
    )
    return [make(run) for make in makers]


def _check_out(out: Path) -> None:
    if out.is_dir():
        raise UsageError(
            f"{out} is a folder; give the file to write, such as {out / 'report.html'}"
        )
    if not out.parent.is_dir():
        raise UsageError(f"{out}: its folder {out.parent} does not exist; make it first")
