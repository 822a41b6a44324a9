"""Put results into the one page: head, a section per track, and how to make it again."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from fraudsim.leaderboard.drift import drift
from fraudsim.leaderboard.few_labels import few_labels
from fraudsim.leaderboard.head import again, head
from fraudsim.leaderboard.label_delay import label_delay
from fraudsim.leaderboard.new_attack import new_attack
from fraudsim.leaderboard.ranks import ranks
from fraudsim.leaderboard.scale import scale
from fraudsim.leaderboard.standard import standard
from fraudsim.leaderboard.standing_table import NOTE, READING, standing_table
from fraudsim.leaderboard.track_results import by_track
from fraudsim.leaderboard.unseen_attack import unseen_attack
from fraudsim.leaderboard.verdict import arm_verdict
from fraudsim.pages import style
from fraudsim.report.document import Section, asset, document, figure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fraudsim.leaderboard.results import Results
    from fraudsim.leaderboard.track_results import TrackResults
    from fraudsim.report.chart import Chart

CHARTS: Mapping[str, Callable[[TrackResults], list[Chart]]] = {
    "standard": standard,
    "unseen-attack": unseen_attack,
    "new-attack": new_attack,
    "drift": drift,
    "few-labels": few_labels,
    "label-delay": label_delay,
    "scale": scale,
}
"""Kind of track -> the charts that it has besides standings and ranks."""

HERE = "fraudsim.leaderboard"

FOOTER = (
    "Simulated data: no customer, merchant or card in it is real. Fraud means labelled as such in "
    "the truth of the simulation. Intervals are of 95 %, from worlds and accounts drawn anew; "
    "detectors tie with the best where the interval of the difference, held for all at once, spans "
    "0. fraudsim is licensed under Apache-2.0."
)


def page(results: Results) -> tuple[str, list[Chart]]:
    """Return the page as HTML, and the charts on it."""
    tracks = by_track(results)
    charts = {one.track.name: _charts(one) for one in tracks}
    all_charts = [chart for found in charts.values() for chart in found]
    html = document(
        brand="fraudsim leaderboard",
        title="benchmark of fraud detectors",
        style=style() + asset(HERE, "leaderboard.css"),
        head=head(results, tracks),
        sections=[
            *(Section(one.title, _section(one, charts[one.track.name])) for one in tracks),
            Section("How to make it again", again(results)),
        ],
        charts=all_charts,
        script=asset(HERE, "leaderboard.js"),
        footer=FOOTER,
    )
    return html, all_charts


def _charts(results: TrackResults) -> list[Chart]:
    more = CHARTS.get(results.kind)
    return [ranks(results), *(more(results) if more else ())]


def _section(results: TrackResults, charts: Sequence[Chart]) -> str:
    return (
        f'<p class="lead"><code>{escape(results.track.name)}</code>: '
        f"{escape(results.track.question)}</p>"
        f"{_standings(results)}{''.join(figure(chart) for chart in charts)}"
    )


def _standings(results: TrackResults) -> str:
    """Return the tables of all arms, the first one open."""
    arms = "".join(
        f'<details class="arm"{"" if number else " open"}><summary>{escape(arm)}</summary>'
        f"<p>{escape(arm_verdict(results, arm))}</p>"
        f"{standing_table(results.of(arm), results.standing(arm))}</details>"
        for number, arm in enumerate(results.arms)
    )
    return (
        f'<figure class="standings"><h3>Standings</h3><p class="reading">{escape(READING)}</p>'
        f"{arms}<figcaption>{escape(NOTE)}</figcaption></figure>"
    )
