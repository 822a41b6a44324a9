"""The head of the page: what was run, who is best, and what to know before trusting it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from fraudsim.leaderboard.track_results import TITLES
from fraudsim.leaderboard.verdict import verdict
from fraudsim.report.document import anchor, facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.leaderboard.results import Results
    from fraudsim.leaderboard.track_results import TrackResults

SHOWN = 4
"""Warnings that are seen at once."""

LONGEST_REASON = 500
"""Characters of why a detector failed that are shown; all of it is in the results."""


def head(results: Results, tracks: Sequence[TrackResults]) -> str:
    """Return the head as HTML."""
    return (
        "<h1>Benchmark of fraud detectors</h1>"
        '<p class="lead">Detectors on simulated payments: they are fitted on the past with the '
        "labels known then, and judged on what comes after.</p>"
        f"{facts(_facts(results, tracks))}{_warnings(results)}{_verdicts(tracks)}"
        f"{_left_out(tracks)}"
    )


def _facts(results: Results, tracks: Sequence[TrackResults]) -> list[tuple[str, str, str]]:
    worlds = sorted({one.worlds for one in tracks})
    ends = f"{worlds[0]} to {worlds[-1]}" if len(worlds) > 1 else str(worlds[0] if worlds else 0)
    names = {line.name for line in results.lines}
    apart = {line.name for line in results.lines if line.floor or line.ceiling}
    return [
        ("Tracks", str(len(tracks)), ", ".join(one.title.lower() for one in tracks)),
        ("Worlds", ends, "simulated banks per track, each with a seed of its own"),
        ("Detectors", str(len(names - apart)), f"and {len(apart)} as floor and ceiling"),
        ("Trials", f"{results.trials:,}", "a detector in an arm of a track in a world"),
        ("fraudsim", results.fraudsim, "version that ran it"),
    ]


def _warnings(results: Results) -> str:
    failed = [
        f"<li><b>{escape(name)}</b> failed and is missing where it did: {escape(_cut(reason))}</li>"
        for name, reason in results.failed.items()
    ]
    warned = [f"<li>{escape(warning)}</li>" for warning in results.warnings]
    if not failed and not warned:
        return ""
    first, rest = (failed + warned)[:SHOWN], (failed + warned)[SHOWN:]
    more = (
        f'<details class="more"><summary>And {len(rest)} more</summary>'
        f"<ul>{''.join(rest)}</ul></details>"
        if rest
        else ""
    )
    return (
        '<div class="warnings" role="note"><h3>Before you trust a figure</h3>'
        f"<ul>{''.join(first)}</ul>{more}</div>"
    )


def _cut(reason: str) -> str:
    return reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]} ..."


def _verdicts(tracks: Sequence[TrackResults]) -> str:
    rows = "".join(
        f'<dt><a href="#{anchor(one.title)}">{escape(one.title)}</a></dt>'
        f"<dd>{escape(verdict(one))}</dd>"
        for one in tracks
    )
    return f'<dl class="verdicts">{rows}</dl>'


def _left_out(tracks: Sequence[TrackResults]) -> str:
    missing = set(TITLES) - {one.kind for one in tracks}
    names = [title for kind, title in TITLES.items() if kind in missing]
    if not names:
        return ""
    return (
        f'<p class="absent">Not on this page, because the benchmark did not run it: '
        f"{escape(', '.join(names))}.</p>"
    )


def again(results: Results) -> str:
    """Return how to make the results again, as HTML."""
    return (
        f"<p>Make it again: <code>{escape(results.command)}</code></p>"
        "<p>The same seeds give the same worlds and the same scores; times and memory depend on "
        "the machine. Floors and ceiling always run, and all detectors that are installed where "
        "none is named. A detector of your own is named by "
        "<code>--detector my_package:Model</code>.</p>"
    )
