"""The charts of unseen attacks: what is found of an attack with examples of it, and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.leaderboard.drawings import dots
from fraudsim.report.chart import Chart, Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.leaderboard.track_results import TrackResults

Recalls = dict[tuple[str, str], tuple[float, float, float]]
"""(attack, detector) -> recall seen, unseen, and frauds that the latter is a share of."""

ARMS = ("seen", "unseen")


def unseen_attack(results: TrackResults) -> list[Chart]:
    """Return the charts; they need both arms."""
    recalls = _recalls(results)
    return [overall(results, recalls), by_attack(results, recalls)]


def _recalls(results: TrackResults) -> Recalls:
    found: Recalls = {}
    for name in results.order:
        seen, unseen = (results.line(arm, name) for arm in ARMS)
        if seen is None or unseen is None:
            continue
        for attack, values in unseen.by_attack.items():
            with_it = seen.by_attack.get(attack, {}).get("recall")
            without = values.get("recall")
            if with_it is not None and without is not None:
                found[attack, name] = with_it, without, values.get("frauds") or 0.0
    return found


def overall(results: TrackResults, recalls: Recalls) -> Chart:
    """Recall over all attacks, seen and unseen."""
    pooled = {name: _pooled(name, recalls) for name in results.order}
    return dots(
        results,
        "unseen",
        "Unseen against seen",
        reading="The further apart the two dots, the more a detector finds only what it was shown.",
        unit="recall at 1 % false positives over all attacks, each weighted by its frauds where it "
        "was left out; attacks are left out one at a time",
        labels=("Panel", "Attack", "Recall"),
        kind="share",
        rows=[
            ("", name, arm, share)
            for name, shares in pooled.items()
            for arm, share in shares.items()
        ],
        absent=f"This needs the arms {' and '.join(ARMS)}, and recall by attack in both.",
    )


def _pooled(name: str, recalls: Recalls) -> Mapping[str, float]:
    own = [values for (_, detector), values in recalls.items() if detector == name]
    frauds = sum(values[2] for values in own)
    if not frauds:
        return {}
    return {
        arm: round(sum(values[place] * values[2] for values in own) / frauds, 6)
        for place, arm in enumerate(ARMS)
    }


def by_attack(results: TrackResults, recalls: Recalls) -> Chart:
    """Recall of each attack, seen and unseen."""
    losses: dict[str, float] = {}
    for (attack, _), (seen, unseen, _) in recalls.items():
        losses[attack] = losses.get(attack, 0.0) + seen - unseen
    names = sorted(losses, key=lambda attack: (-losses[attack], attack))
    return Chart(
        f"gaps.{results.track.name}",
        "Unseen against seen, by attack",
        "The redder a cell, the more is lost when no example of the attack was learnt from; the "
        "first number is the recall with examples, the second without.",
        "recall at 1 % false positives, in percent; attacks that lose most come first",
        (
            Column("attack", "Attack", "text"),
            Column("detector", "Detector", "text"),
            Column("seen", "Recall seen", "share"),
            Column("unseen", "Recall unseen", "share"),
            Column("gap", "Gap", "share"),
        ),
        [
            (attack, name, seen, unseen, round(seen - unseen, 6))
            for attack in names
            for name in results.order
            if (attack, name) in recalls
            for seen, unseen, _ in [recalls[attack, name]]
        ],
        f"This needs the arms {' and '.join(ARMS)}, and recall by attack in both.",
        {"order": results.order},
    )
