"""The charts of new attacks: how long until one that begins after fitting is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.leaderboard.drawings import dots

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fraudsim.leaderboard.track_results import TrackResults
    from fraudsim.report.chart import Chart

Value = float | None


def new_attack(results: TrackResults) -> list[Chart]:
    """Return the charts, of the newcomers alone."""
    named = listed_newcomers(results)
    absent = f"The file says nothing of {named}." if named else "The track has no newcomers."
    return [
        dots(
            results,
            "days",
            "Days until a new attack is found",
            reading="The further left a dot, the sooner the first right alert; who never found the "
            "attack in any world has no dot.",
            unit="days from the attack's first fraud to its first right alert with 100 alerts a "
            "day for each 100,000 payments a day; mean of the worlds where it was found",
            labels=("Attack", "Arm", "Days"),
            kind="days",
            rows=_rows(results, lambda values: values.get("days_until_found")),
            absent=absent,
        ),
        dots(
            results,
            "missed",
            "Worlds in which a new attack was never found",
            reading="A dot at 0 found the attack in every world; the further right, the more often "
            "it ended unseen.",
            unit="worlds in which no alert on the attack was right",
            labels=("Attack", "Arm", "Worlds"),
            kind="count",
            rows=_rows(results, lambda values: _whole(values.get("never_found"))),
            absent=absent,
        ),
        dots(
            results,
            "victims",
            "Victims of new attacks who are alerted",
            reading="The further right a dot, the more of the attack's victims are alerted.",
            unit="share of the attack's victims rightly alerted with 100 alerts a day for each "
            "100,000 payments a day",
            labels=("Attack", "Arm", "Victims alerted"),
            kind="share",
            rows=_rows(results, lambda values: values.get("victims_alerted")),
            absent=absent,
        ),
    ]


def listed_newcomers(results: TrackResults) -> str:
    """Return the names of the newcomers."""
    return ", ".join(results.track.newcomers)


def _whole(value: Value) -> Value:
    return None if value is None else round(value)


def _rows(
    results: TrackResults, value: Callable[[Mapping[str, Value]], Value]
) -> list[tuple[str, str, str, Value]]:
    return [
        (attack, line.name, arm, value(line.by_attack[attack]))
        for attack in results.track.newcomers
        for arm in results.arms
        for line in results.of(arm)
        if attack in line.by_attack and not line.ceiling
    ]
