"""The charts of the standard track: what each detector finds, when, and what that is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fraudsim.leaderboard.drawings import curves, dots
from fraudsim.report.chart import Chart, Column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.leaderboard.results import Line
    from fraudsim.leaderboard.track_results import TrackResults

BUDGETS = ("50", "100", "500")
GROUPS = {"age": "Age", "region": "Region", "income": "Income", "new_customers": "New customers"}
CALIBRATION = {
    "expected_calibration_error": "Expected calibration error",
    "brier": "Brier score",
    "log_loss": "Log loss",
}


def standard(results: TrackResults) -> list[Chart]:
    """Return the charts of the first arm."""
    lines = results.of(results.arms[0])
    return [
        precision_recall(results, lines),
        attacks(results, lines),
        money(results, lines),
        unnoticed(results, lines),
        calibration(results, lines),
        evenness(results, lines),
    ]


def precision_recall(results: TrackResults, lines: list[Line]) -> Chart:
    """Precision against recall, a panel per detector."""
    return curves(
        results,
        "precision",
        "Precision against recall",
        reading="The further a line reaches to the upper right, the more fraud is found per false "
        "alarm; grey are the others, dashed the floors and the ceiling.",
        unit="recall: share of fraud found; precision: share of alerts that are fraud; first world",
        labels=("Curve", "Recall", "Precision"),
        kinds=("share", "share"),
        rows=[
            (line.name, "this detector", x, y)
            for line in lines
            for x, y in zip(line.curve.recall, line.curve.precision, strict=True)
        ],
        absent="The file holds no curves.",
        unit_square=True,
    )


def attacks(results: TrackResults, lines: list[Line]) -> Chart:
    """Recall of every detector for every attack."""
    found = {(a, line.name): values for line in lines for a, values in line.by_attack.items()}
    names = sorted({attack for attack, _ in found}, key=lambda a: (_best(a, lines), a))
    return Chart(
        f"recalls.{results.track.name}",
        "Recall by attack",
        "The stronger the colour, the more of an attack is found; the hardest attacks come first.",
        "share of the attack's payments found at 1 % false positives, in percent",
        (
            Column("attack", "Attack", "text"),
            Column("frauds", "Frauds", "count"),
            Column("detector", "Detector", "text"),
            Column("recall", "Recall", "share"),
        ),
        [
            (attack, _count(found[attack, name].get("frauds")), name, found[attack, name]["recall"])
            for attack in names
            for name in results.order
            if found.get((attack, name), {}).get("recall") is not None
        ],
        "The file holds no recall by attack.",
        {"order": results.order},
    )


def _best(attack: str, lines: list[Line]) -> float:
    """Return the best recall of an attack by anybody who is not told the truth."""
    recalls = (one.by_attack.get(attack, {}).get("recall") for one in lines if not one.ceiling)
    return max((recall for recall in recalls if recall is not None), default=0.0)


def _count(value: float | None) -> int | None:
    return None if value is None else round(value)


def money(results: TrackResults, lines: list[Line]) -> Chart:
    """Money saved within each budget, as a share of what is possible."""
    return dots(
        results,
        "money",
        "Money saved",
        reading="The further right a dot, the more money its alerts save; left of 0 they cost more "
        "than they save.",
        unit="what right alerts prevent, less reviews and wrong alerts, as a share of the most "
        "that anybody could save with as many; alerts a day for each 100,000 payments a day",
        labels=("Panel", "Alerts", "Share of the possible"),
        kind="share",
        rows=[
            ("", line.name, budget, line.mean(f"money_saved_share_{budget}"))
            for line in lines
            for budget in BUDGETS
        ],
        absent="The file does not say what is saved: it takes amounts.",
    )


def unnoticed(results: TrackResults, lines: list[Line]) -> Chart:
    """The share of victims not yet alerted, by how many payments were taken from them."""
    return curves(
        results,
        "unnoticed",
        "How long fraud runs unnoticed",
        reading="The sooner a line falls, the fewer payments are taken from a victim before the "
        "first alert; grey are the others, dashed the floors and the ceiling.",
        unit="share of victims not yet alerted after so many fraudulent payments (Kaplan-Meier), "
        "with 100 alerts a day for each 100,000 payments a day",
        labels=("Curve", "Fraudulent payments", "Not yet alerted"),
        kinds=("count", "share"),
        rows=[
            (line.name, "this detector", payments, share)
            for line in lines
            for payments, share in enumerate(line.unnoticed)
        ],
        absent="The file does not say when victims were first alerted.",
        step=True,
    )


def calibration(results: TrackResults, lines: list[Line]) -> Chart:
    """What the probabilities are worth."""
    rows = [(line.name, *(line.mean(name) for name in CALIBRATION)) for line in lines]
    return Chart(
        f"bars.{results.track.name}.calibration",
        "Calibration",
        "The shorter a bar, the closer the probabilities are to what happens.",
        "at the native share of fraud; each measure has its own scale; only detectors whose scores "
        "are meant as probabilities",
        (
            Column("detector", "Detector", "text"),
            *(Column(name, title, "number") for name, title in CALIBRATION.items()),
        ),
        [row for row in rows if any(value is not None for value in row[1:])],
        "No detector gives probabilities.",
    )


def evenness(results: TrackResults, lines: list[Line]) -> Chart:
    """Whom false alarms hit."""
    return dots(
        results,
        "evenness",
        "Whom false alarms hit",
        reading="The closer the dots of a line, the more evenly its false alarms are spread.",
        unit="share of genuine payments flagged in each group, where 1 % are flagged overall",
        labels=("Attribute", "Group", "Flagged"),
        kind="share",
        rows=list(_flagged(lines)),
        absent="The file holds no groups of customers.",
    )


def _flagged(lines: list[Line]) -> Iterator[tuple[str, str, str, Any]]:
    for attribute in dict.fromkeys(name for line in lines for name in line.uneven):
        for line in lines:
            for group, share in line.uneven.get(attribute, {}).items():
                if not line.ceiling:
                    yield GROUPS.get(attribute, attribute), line.name, group, share
