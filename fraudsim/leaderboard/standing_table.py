"""The table of an arm: a row per detector, with a bar that shows its interval."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from fraudsim.leaderboard.track_results import HEADLINE
from fraudsim.report.chart import ABSENT, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.leaderboard.results import Line, Standing

WIDTH, HEIGHT = 140, 14
"""Of a bar, in units of its drawing."""


@dataclass(frozen=True)
class Column:
    """A metric in the table.

    Attributes:
        metric: its name.
        group: what stands above it and its neighbours.
        label: what stands above it.
        percent: whether it is a share that is written in percent, to one decimal.
        digits: decimals if it is not.
        less_is_better: whether the smallest value is the best.
    """

    metric: str
    group: str
    label: str
    percent: bool = True
    digits: int = 2
    less_is_better: bool = False


COLUMNS = (
    Column("recall_at_0.1pct_fpr", "Recall at FPR, %", "0.1\N{NO-BREAK SPACE}%"),
    Column("recall_at_1pct_fpr", "Recall at FPR, %", "1 %"),
    Column("recall_at_5pct_fpr", "Recall at FPR, %", "5 %"),
    Column("precision_in_budget_50", "Precision in budget, %", "50"),
    Column("precision_in_budget_100", "Precision in budget, %", "100"),
    Column("precision_in_budget_500", "Precision in budget, %", "500"),
    Column("recall_in_budget_50", "Recall in budget, %", "50"),
    Column("recall_in_budget_100", "Recall in budget, %", "100"),
    Column("recall_in_budget_500", "Recall in budget, %", "500"),
    Column("money_saved_share_100", "With 100 alerts, %", "Money saved"),
    Column("victims_alerted", "With 100 alerts, %", "Victims alerted"),
    Column("lost_before_alert_share", "With 100 alerts, %", "Lost before", less_is_better=True),
    Column(
        "expected_calibration_error",
        "Calibration",
        "ECE",
        percent=False,
        digits=4,
        less_is_better=True,
    ),
    Column("false_positive_ratio_age", "False-positive ratio by", "Age", percent=False),
    Column("false_positive_ratio_region", "False-positive ratio by", "Region", percent=False),
    Column("false_positive_ratio_income", "False-positive ratio by", "Income", percent=False),
    Column("false_positive_ratio_new_customers", "False-positive ratio by", "New", percent=False),
)

READING = (
    "The further right a dot, the better; its line is the 95 % interval, grey marks are the floors "
    "and the ceiling. Bold is the best of a column, floors and ceiling apart; = ties with the best."
)

NOTE = (
    "FPR: false positives, as a share of genuine payments. A budget is so many alerts a day for "
    "each 100,000 payments a day. Money saved: what right alerts prevent, less reviews and wrong "
    "alerts, as a share of the most that anybody could save with as many. Lost before: the share "
    "of the money lost that was gone before the first alert. ECE: expected calibration error. "
    "False-positive ratio: least over largest share of genuine payments flagged among groups; 1 "
    "is even."
)


def standing_table(lines: Sequence[Line], standing: Standing | None) -> str:
    """Return the table of an arm as HTML.

    Args:
        lines: of the arm, in the order of the rows.
        standing: who ties with the best, if it is known.
    """
    best = {column.metric: _best(lines, column) for column in COLUMNS}
    ties = standing.ties_with_best if standing else ()
    rows = "".join(_row(line, lines, best, tied=line.name in ties) for line in lines)
    return f'<div class="wide"><table class="standing"><thead>{_head()}</thead>{rows}</table></div>'


def _head() -> str:
    groups = "".join(
        f'<th scope="colgroup" colspan="{len(list(columns))}">{group}</th>'
        for group, columns in groupby(COLUMNS, key=lambda column: column.group)
    )
    labels = "".join(f'<th scope="col">{column.label}</th>' for column in COLUMNS)
    return (
        '<tr><th rowspan="2" scope="col">Detector</th>'
        f'<th rowspan="2" scope="col">Average precision</th>{groups}</tr><tr>{labels}</tr>'
    )


def _best(lines: Sequence[Line], column: Column) -> float | None:
    """Return the best value of a column among those who compete."""
    values = [
        value
        for line in lines
        if not (line.floor or line.ceiling) and (value := line.mean(column.metric)) is not None
    ]
    choose = min if column.less_is_better else max
    return choose(values, default=None)


def _row(line: Line, lines: Sequence[Line], best: dict[str, float | None], *, tied: bool) -> str:
    part = "floor" if line.floor else "ceiling" if line.ceiling else ""
    note = f" <small>{part}</small>" if part else " <small>=</small>" if tied else ""
    cells = "".join(_cell(line.mean(c.metric), best[c.metric], c) for c in COLUMNS)
    return (
        f'<tr class="{part}"><th scope="row">{escape(line.name)}{note}</th>'
        f"<td>{_headline(line, lines)}</td>{cells}</tr>"
    )


def _cell(value: float | None, best: float | None, column: Column) -> str:
    if value is None:
        return f"<td>{ABSENT}"
    # z: what rounds to 0 has no sign
    text = f"{100 * value:z.1f}" if column.percent else f"{value:z.{column.digits}f}"
    return f"<td><b>{text}</b>" if value == best else f"<td>{text}"


def _headline(line: Line, lines: Sequence[Line]) -> str:
    figure = line.estimate(HEADLINE)
    if figure is None:
        return ABSENT
    mean, low, high = figure
    ends = "" if low is None or high is None else f" <small>{low:.2f} to {high:.2f}</small>"
    return f"{bar(line, lines)}{written(mean, 'number')}{ends}"


def bar(line: Line, lines: Sequence[Line]) -> str:
    """Return the mean and interval of a line, between the floors and the ceiling, as SVG."""
    mean, low, high = line.estimate(HEADLINE) or (0.0, None, None)
    middle = HEIGHT / 2
    marks = "".join(
        f'<path class="mark" d="M{_x(value)} 1V{HEIGHT - 1}"/>'
        for other in lines
        if (other.floor or other.ceiling) and (value := other.mean(HEADLINE)) is not None
    )
    interval = (
        ""
        if low is None or high is None
        else f'<path class="interval" d="M{_x(low)} {middle:g}H{_x(high)}"/>'
    )
    return (
        f'<svg class="bar" viewBox="-5 0 {WIDTH + 10} {HEIGHT}" aria-hidden="true">'
        f'<path class="ground" d="M0 {middle:g}H{WIDTH}"/>{marks}{interval}'
        f'<circle cx="{_x(mean or 0.0)}" cy="{middle:g}" r="4"/></svg>'
    )


def _x(value: float) -> str:
    """Return where a share lies on a bar."""
    return f"{WIDTH * min(max(value, 0.0), 1.0):.1f}".removesuffix(".0")
