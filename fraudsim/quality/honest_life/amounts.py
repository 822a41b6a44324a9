"""What things cost: the middle, the spread, the price points and the tail, by channel and category.

Each as the real figures were made: natural logarithms of the amounts in units of the currency; an
amount is whole when its cents are nought, and so for .99 and .95; the tail is the 99th percentile
over the median.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.honest_life.diary import DIARY
from fraudsim.quality.honest_life.purchases import (
    IN_PERSON,
    LEAST_ROWS,
    ONLINE,
    enough,
    purchases,
)
from fraudsim.quality.panel import codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject


def amount_measurements(prefix: str, what: str, amounts: pl.Series) -> Iterator[Measurement]:
    """Yield the measures of a distribution of amounts; no amount may be 0 or less.

    Args:
        prefix: the names are this and ``_log_mean``, ``_log_sd``, ``_whole``, ``_x99``, ``_x95``
            and ``_tail``.
        what: what was paid, for the sentences: ``purchases online``.
        amounts: in units of the currency.
    """
    logs = amounts.log().to_numpy()
    cents = (amounts * 100).round().cast(pl.Int64) % 100
    log_mean, log_sd = float(logs.mean()), float(logs.std())
    median, p99 = np.exp(np.quantile(logs, (0.5, 0.99)))
    detail = {"rows": len(logs)}
    yield Measurement(
        f"{prefix}_log_mean",
        log_mean,
        f"{what} cost {np.exp(log_mean):.2f} on the logarithmic average (log {log_mean:.2f})",
        detail=detail,
    )
    yield Measurement(
        f"{prefix}_log_sd",
        log_sd,
        f"the logarithms of {what} spread by {log_sd:.2f}",
        detail=detail,
    )
    for name, ending, words in (("whole", 0, ".00"), ("x99", 99, ".99"), ("x95", 95, ".95")):
        share = float((cents == ending).to_numpy().mean())
        yield Measurement(
            f"{prefix}_{name}", share, f"{share:.1%} of {what} end in {words}", detail=detail
        )
    yield Measurement(
        f"{prefix}_tail",
        float(p99 / median),
        f"one in a hundred {what} costs {p99 / median:.1f} times the median or more",
        detail=detail,
    )


def _in_person(subject: Subject) -> Iterator[Measurement]:
    yield from _of_channel(subject, "amount_in_person", "purchases in person", IN_PERSON)


def _online(subject: Subject) -> Iterator[Measurement]:
    yield from _of_channel(subject, "amount_online", "purchases online", ONLINE)


def _of_channel(subject: Subject, prefix: str, what: str, channel: str) -> Iterator[Measurement]:
    rows = purchases(subject, "channel")
    rows = enough(rows.filter(pl.col("channel") == channel), what)
    yield from amount_measurements(prefix, what, rows["amount"])


def _by_category(subject: Subject) -> Iterator[Measurement]:
    # the diary's categories hold card bills and subscriptions too
    rows = purchases(subject, "category", with_recurring=True)
    made = False
    for name, diary in DIARY.items():
        amounts = rows.filter(pl.col("category").cast(pl.String).is_in(diary.members))["amount"]
        if amounts.len() < LEAST_ROWS:
            continue
        made = True
        what = f"purchases of {name.replace('_', ' ')}"
        for measurement in amount_measurements(f"category_amount_{name}", what, amounts):
            if not measurement.name.endswith("_x95"):  # the diary's categories have none
                yield measurement
    if not made:
        raise CannotCheckError(
            f"no category has {LEAST_ROWS} purchases under a name of the diary: {', '.join(DIARY)}"
        )


def _spread_between(subject: Subject) -> Iterator[Measurement]:
    rows = purchases(subject, "category", with_recurring=True)
    rows = rows.filter(pl.col("category").is_not_null())
    # not polars' means by group: their order of summing, so their last digit, is not fixed
    explained = _explained(codes(rows["category"]), rows["amount"].log().to_numpy())
    yield Measurement(
        "spread_between_categories",
        explained,
        f"the category explains {explained:.0%} of the variance of the log amount",
    )


def _explained(group: NDArray[np.int64], values: NDArray[np.float64]) -> float:
    """Return the part of the variance of ``[N]`` values that lies between the groups."""
    apart = values - values.mean()
    count = np.maximum(np.bincount(group), 1)
    between = float((np.bincount(group, apart) ** 2 / count).sum())
    total = float((apart**2).sum())
    return between / total if total else 0.0


CHECKS: tuple[Check, ...] = (
    Check(
        "honest_life",
        "amount_in_person",
        "Do honest purchases in person cost what they cost?",
        _in_person,
    ),
    Check(
        "honest_life",
        "amount_online",
        "Do honest purchases online cost what they cost (subscriptions apart)?",
        _online,
    ),
    Check(
        "honest_life",
        "category_amount",
        "Does each kind of merchant have its own prices (subscriptions included, as in the diary)?",
        _by_category,
    ),
    Check(
        "honest_life",
        "spread_between",
        "How much does what is bought say about the amount?",
        _spread_between,
    ),
)
