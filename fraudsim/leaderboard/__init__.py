"""The leaderboard of a benchmark over tracks: one HTML page that needs no network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LeaderboardResult", "leaderboard"]


@dataclass(frozen=True)
class LeaderboardResult:
    """A leaderboard that was written: where, its size in bytes, and the charts drawn in it."""

    path: Path
    bytes: int
    charts: tuple[str, ...]


def leaderboard(results: Path, out: Path) -> LeaderboardResult:
    """Write the leaderboard of a benchmark; the same results give the same bytes.

    Args:
        results: what ``fraudsim benchmark --track`` wrote: its folder, or ``results.json`` in it.
        out: the HTML file to write; one that exists is replaced, once the new one is whole.

    Raises:
        UsageError: ``results`` is no file of results, or ``out`` a folder.
        FraudsimError: the page cannot be written.
    """
    from fraudsim.leaderboard.page import page
    from fraudsim.leaderboard.results import read_results
    from fraudsim.sinks.whole_file import check_target, written_whole

    check_target(out)
    html, charts = page(read_results(results))
    content = html.encode()
    with written_whole(out) as aside:
        aside.write_bytes(content)
    return LeaderboardResult(out, len(content), tuple(c.name for c in charts if c.rows))
