"""Amounts over time as a plot of characters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH, HEIGHT = 72, 12
APPROVED, REFUSED, BOTH = "o", "x", "#"


def text_plot(points: Sequence[tuple[float, float, bool]], *, unit: str) -> Iterator[str]:
    """Yield the lines of a plot of (days, amount, approved); amounts on a log scale.

    >>> next(text_plot([(0.0, 1.0, True)], unit="EUR"))
    'amount (EUR, log scale): o approved, x refused, # both'
    """
    if not points:
        return
    grid: dict[tuple[int, int], set[bool]] = {}
    days = [point[0] for point in points]
    logs = [math.log(max(point[1], 0.01)) for point in points]
    for day, log, (_, _, approved) in zip(days, logs, points, strict=True):
        column = _place(day, min(days), max(days), WIDTH)
        grid.setdefault((_place(log, min(logs), max(logs), HEIGHT), column), set()).add(approved)
    yield f"amount ({unit}, log scale): {APPROVED} approved, {REFUSED} refused, {BOTH} both"
    for row in reversed(range(HEIGHT)):
        label = {HEIGHT - 1: math.exp(max(logs)), 0: math.exp(min(logs))}.get(row)
        line = "".join(_mark(grid.get((row, column))) for column in range(WIDTH))
        yield f"{'' if label is None else f'{label:,.4g}':>10} |{line}".rstrip()
    yield f"{'':>10} +{'-' * WIDTH}"
    yield f"{'':>12}0{f'{max(days) - min(days):.1f} days':>{WIDTH - 1}}"


def _place(value: float, low: float, high: float, cells: int) -> int:
    return 0 if high <= low else min(int((value - low) / (high - low) * cells), cells - 1)


def _mark(found: set[bool] | None) -> str:
    if not found:
        return " "
    return BOTH if len(found) > 1 else APPROVED if True in found else REFUSED
