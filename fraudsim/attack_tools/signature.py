"""What a pattern looks like: the amounts of three rehearsed campaigns over time, as SVG."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from fraudsim.attacks.kit.rehearsal import answer_some, rehearse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np

    from fraudsim.attacks.kit.pattern import AttackPattern

CAMPAIGNS = 3
TRIES = 40
"""Rehearsals among which campaigns with payments are looked for."""
APPROVED_SHARE = 0.85

# ten colours that differ for most kinds of colour blindness, on light and dark
COLOURS = (
    *("#5b8def", "#efb118", "#ff725c", "#6cc5b0", "#3ca951"),
    *("#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e", "#9498a0"),
)
GREY = "#888"
PANEL, HEIGHT, GAP, LEFT, TOP, BOTTOM = 250, 130, 18, 46, 26, 22
MOST_DOTS = 400
"""Payments drawn of one campaign; a picture stays small."""


def signature(pattern: type[AttackPattern]) -> str:
    """Return the picture: one panel a campaign, a dot a payment, hollow where it was refused.

    Days run from the campaign's first payment; amounts share a log scale; colour is the step.
    """
    campaigns = list(_campaigns(pattern))
    amounts = [float(a) for rows in campaigns for a in rows["amount_minor"]]
    low, high = (min(amounts), max(amounts)) if amounts else (1.0, 1.0)
    width = LEFT + CAMPAIGNS * (PANEL + GAP)
    size = f'width="{width}" height="{TOP + HEIGHT + BOTTOM}"'
    font = f'font-family="sans-serif" font-size="11" fill="{GREY}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>',
        f"<title>{escape(pattern.name)}: amounts of three campaigns over time</title>",
        *_legend(pattern.stages),
        *_amount_labels(low, high),
    ]
    for index, rows in enumerate(campaigns):
        lines += _panel(rows, LEFT + index * (PANEL + GAP), low, high)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _campaigns(pattern: type[AttackPattern]) -> Iterator[np.ndarray]:
    """Yield the payments of the first rehearsals that have some."""
    found = 0
    for seed in range(TRIES):
        bank = answer_some(seed, APPROVED_SHARE)
        payments = rehearse(pattern(), bank, seed, days=400).payments
        if len(payments):
            yield payments[:MOST_DOTS]
            found += 1
        if found == CAMPAIGNS:
            return


def _legend(stages: Sequence[str]) -> Iterator[str]:
    x = LEFT
    for stage, colour in zip(stages, _colours(len(stages)), strict=True):
        yield f'<circle cx="{x + 4}" cy="10" r="3.5" fill="{colour}"/>'
        yield f'<text x="{x + 11}" y="14">{escape(stage)}</text>'
        x += 24 + 7 * len(stage)


def _amount_labels(low: float, high: float) -> Iterator[str]:
    for amount in dict.fromkeys((low, high)):
        y = TOP + _height(amount, low, high)
        yield (f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{amount / 100:,.4g}</text>')


def _panel(rows: np.ndarray, x: int, low: float, high: float) -> Iterator[str]:
    days = (rows["time_us"] - rows["time_us"].min()) / 8.64e10
    last = float(days.max())
    yield (
        f'<rect x="{x}" y="{TOP}" width="{PANEL}" height="{HEIGHT}" fill="none" '
        f'stroke="{GREY}" stroke-opacity="0.4"/>'
    )
    colours = _colours(int(rows["stage"].max()) + 1)
    for day, row in zip(days.tolist(), rows, strict=True):
        colour = colours[int(row["stage"])]
        across = x + 6 + (PANEL - 12) * (day / last if last else 0.0)
        down = TOP + _height(float(row["amount_minor"]), low, high)
        filled = colour if row["response"] == 0 else "none"
        yield (
            f'<circle cx="{across:.1f}" cy="{down:.1f}" r="2.5" fill="{filled}" '
            f'stroke="{colour}" fill-opacity="0.7"/>'
        )
    yield (
        f'<text x="{x + PANEL}" y="{TOP + HEIGHT + 15}" text-anchor="end">'
        f"{last:,.1f} days, {len(rows)} payments</text>"
    )


def _height(amount: float, low: float, high: float) -> float:
    """Return how far below the top of a panel an amount stands."""
    part = math.log(amount / low) / math.log(high / low) if high > low else 0.5
    return 6 + (HEIGHT - 12) * (1 - part)


def _colours(count: int) -> list[str]:
    return [COLOURS[index % len(COLOURS)] for index in range(count)]
