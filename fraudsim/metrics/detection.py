"""How long fraud runs before it is noticed: per victim, until the first right alert.

A victim is an account with fraud in the test. One that is never alerted is censored at its last
fraud, when it stops being there to be found (Kaplan and Meier 1958).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.moments import HOUR_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fraudsim.metrics.alerts import AccountAlerts
    from fraudsim.metrics.scored import Scored

MOST_PAYMENTS = 20
"""Fraudulent payments up to which the curve is drawn."""


@dataclass(frozen=True)
class Detection:
    """What happened to each victim before anybody noticed.

    Attributes:
        alerted: bool, whether it was rightly alerted at all.
        payments_before: int64, its fraudulent payments before that, or all of them.
        hours: float64, from its first fraud to the alert, or to its last fraud; not negative.
        lost_before: float64, what they took, currency units; NaN without amounts.
        lost: float64, all that it lost and would have lost.
    """

    alerted: NDArray[np.bool_]
    payments_before: NDArray[np.int64]
    hours: NDArray[np.float64]
    lost_before: NDArray[np.float64]
    lost: NDArray[np.float64]


def detection(rows: Scored, alerts: AccountAlerts) -> Detection:
    """Return what happened to each victim, in the order of their accounts.

    Args:
        rows: the test rows.
        alerts: what ``alerts_by_account`` says of them.
    """
    frauds = np.flatnonzero(rows.fraud)
    victims, victim = np.unique(rows.account[frauds], return_inverse=True)
    alerted_at = alerts.right_at[victims]
    alerted = alerted_at >= 0
    before = ~alerted[victim] | (frauds < alerted_at[victim])
    loss = np.full(frauds.size, np.nan) if rows.at_risk is None else rows.at_risk[frauds]
    first, last = np.full(victims.size, rows.fraud.size), np.zeros(victims.size, np.int64)
    np.minimum.at(first, victim, frauds)
    np.maximum.at(last, victim, frauds)
    until = np.where(alerted, alerted_at, last)
    hours = np.maximum(rows.time_us[until] - rows.time_us[first], 0) / HOUR_US
    return Detection(
        alerted=alerted,
        payments_before=np.bincount(victim[before], minlength=victims.size),
        hours=hours,
        lost_before=_summed(victim, np.where(before, loss, 0.0), victims.size),
        lost=_summed(victim, loss, victims.size),
    )


def detection_metrics(found: Detection) -> dict[str, float | None]:
    """Return the shares of victims and of money before the first alert, and medians.

    A median is ``None`` where fewer than half of the victims are ever alerted, by the
    Kaplan-Meier estimate: it is not known, and no number stands for it.
    """
    lost = float(found.lost.sum())
    return {
        "victims_alerted": float(found.alerted.mean()),
        "victims_alerted_at_first": float((found.alerted & (found.payments_before == 0)).mean()),
        "lost_before_alert_share": float(found.lost_before.sum()) / lost if lost > 0 else None,
        "median_payments_before_alert": _median(found.payments_before, found.alerted),
        "median_hours_to_alert": _median(found.hours, found.alerted),
    }


def unnoticed_curve(found: Detection) -> list[float]:
    """Return the share of victims not yet alerted after 0, 1, 2, ... fraudulent payments."""
    share = _survival(found.payments_before.astype(np.float64), found.alerted)
    return [round(float(share(n)), 6) for n in range(MOST_PAYMENTS + 1)]


def _median(value: NDArray[np.generic], alerted: NDArray[np.bool_]) -> float | None:
    values = np.unique(value[alerted]).astype(np.float64)
    if values.size == 0:
        return None
    share = _survival(value.astype(np.float64), alerted)
    reached = np.flatnonzero(np.array([share(one) for one in values]) <= 0.5)
    return float(values[reached[0]]) if reached.size else None


def _summed(
    victim: NDArray[np.int64], values: NDArray[np.float64], victims: int
) -> NDArray[np.float64]:
    return np.bincount(victim, values, victims).astype(np.float64)


def _survival(value: NDArray[np.float64], alerted: NDArray[np.bool_]) -> Callable[[float], float]:
    """Return the Kaplan-Meier estimate: the share that is not alerted by a value or before."""
    if not alerted.any():
        return lambda _: 1.0
    from scipy.stats import CensoredData, ecdf

    data = CensoredData(uncensored=value[alerted], right=value[~alerted])
    share: Callable[[float], float] = ecdf(data).sf.evaluate
    return share
