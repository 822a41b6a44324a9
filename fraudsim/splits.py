"""Past, label delay, future: what a detector may learn from, and what it is judged on.

The model is fitted at the start of the test. It learns from rows older than the delay, with the
labels that were known when it was fitted, and is judged on the truth. This is the protocol of the
Fraud Detection Handbook (Le Borgne et al. 2022, chapter 5), with the delay of each fraud's own
report in the place of a fixed one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fraudsim.errors import UsageError
from fraudsim.features.base import NOBODY
from fraudsim.moments import DAY_US

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fraudsim.examples import Examples


@dataclass(frozen=True)
class Split:
    """Which rows are for what. Rows in neither index are in the delay or were removed.

    Attributes:
        train: int64 positions of the training rows, rising.
        known_fraud: bool, of each training row: whether it is known as fraud when fitting.
        test: int64 positions of the test rows, rising.
        train_until_us: training rows are before this time.
        fitted_at_us: test rows are from this time on; labels reported until then are known.
        unknown_frauds: training rows that are fraud and count as genuine, not being known yet.
        removed: rows taken out of the test because their account was known as compromised.
        told: bool, of each row of the examples: whether a detector that listens may be told of it
            after it was fitted; ``None`` is all.
    """

    train: NDArray[np.int64]
    known_fraud: NDArray[np.bool_]
    test: NDArray[np.int64]
    train_until_us: int
    fitted_at_us: int
    unknown_frauds: int
    removed: int
    told: NDArray[np.bool_] | None = None

    def describe(self, examples: Examples) -> dict[str, Any]:
        """Return the split as JSON values: cuts (ISO 8601, or seconds) and counts of rows."""
        fraud = examples.fraud
        return {
            "train_until": _shown(self.train_until_us, has_dates=examples.has_dates),
            "fitted_at": _shown(self.fitted_at_us, has_dates=examples.has_dates),
            "train_rows": int(self.train.size),
            "train_known_frauds": int(self.known_fraud.sum()),
            "train_unknown_frauds": self.unknown_frauds,
            "test_rows": int(self.test.size),
            "test_frauds": int(fraud[self.test].sum()),
            "removed_test_rows": self.removed,
        }


@dataclass(frozen=True)
class TimeSplit:
    """How to split by time.

    Attributes:
        test_share: the last part that is for testing, 0 to 1.
        by: whether it is a share of the time that the data spans or of the rows.
        delay_days: rows this long before the test are not learnt from: too few of their labels
            are known.
        remove_known_compromised: whether rows of accounts with a fraud reported before the test
            are taken out of it: the bank has blocked those.
    """

    test_share: float = 0.3
    by: Literal["time", "rows"] = "time"
    delay_days: float = 7.0
    remove_known_compromised: bool = True

    def __post_init__(self) -> None:
        """Refuse shares and delays that cannot be."""
        if not 0 < self.test_share < 1:
            raise UsageError(f"test_share must lie between 0 and 1, not {self.test_share:g}")
        if not 0 <= self.delay_days < float("inf"):
            raise UsageError(f"delay_days must be 0 or more, not {self.delay_days:g}")

    def apply(self, examples: Examples) -> Split:
        """Split examples.

        Raises:
            UsageError: a side has no row or one class only.
        """
        return split_at(
            examples,
            self._start_of_test(examples.time_us),
            delay_days=self.delay_days,
            remove_known_compromised=self.remove_known_compromised,
        )

    def _start_of_test(self, time_us: NDArray[np.int64]) -> int:
        if time_us.size == 0:
            raise UsageError("there are no rows to split")
        if self.by == "rows":
            return int(time_us[int(time_us.size * (1 - self.test_share))])
        first, last = int(time_us[0]), int(time_us[-1])
        return first + round((last - first) * (1 - self.test_share))


def split_at(
    examples: Examples,
    fitted_at_us: int,
    *,
    ends_us: int | None = None,
    delay_days: float,
    remove_known_compromised: bool,
) -> Split:
    """Return the split of a model that is fitted at a moment and judged on what comes after.

    Args:
        examples: all of them.
        fitted_at_us: when it is fitted, which is when its test begins.
        ends_us: before when the test ends; with the data by default.
        delay_days: rows this long before are not learnt from.
        remove_known_compromised: as of ``TimeSplit``.

    Raises:
        UsageError: a side has no row or one class only.
    """
    train_until_us = fitted_at_us - round(delay_days * DAY_US)
    train = np.flatnonzero(examples.time_us < train_until_us)
    known = examples.fraud & (examples.known_at_us < fitted_at_us)
    later = examples.time_us >= fitted_at_us
    if ends_us is not None:
        later &= examples.time_us < ends_us
    test = later & ~_compromised(examples, known) if remove_known_compromised else later
    split = Split(
        train=train,
        known_fraud=known[train],
        test=np.flatnonzero(test),
        train_until_us=train_until_us,
        fitted_at_us=fitted_at_us,
        unknown_frauds=int((examples.fraud[train] & ~known[train]).sum()),
        removed=int(later.sum() - test.sum()),
    )
    _refuse_one_sided(split, examples)
    return split


def _compromised(examples: Examples, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which rows are of an account with a fraud that is known."""
    accounts = np.unique(examples.account[known])
    return np.isin(examples.account, accounts[accounts != NOBODY])


def default_split(examples: Examples) -> TimeSplit:
    """Return the split that suits where the examples are from.

    A simulated dataset knows when each fraud was reported: 30 % of the time for the test and a
    week of delay. Somebody's own table does not: the last 30 % of its rows, and no delay.
    """
    if examples.source["kind"] == "dataset":
        return TimeSplit()
    return TimeSplit(by="rows", delay_days=0.0)


def _refuse_one_sided(split: Split, examples: Examples) -> None:
    sides = (
        ("training", split.known_fraud, "known fraud"),
        ("test", examples.fraud[split.test], "fraud"),
    )
    for side, fraud, what in sides:
        if fraud.size == 0:
            raise UsageError(
                f"the {side} part has no rows: the data spans "
                f"{(examples.time_us[-1] - examples.time_us[0]) / DAY_US:.3g} days; "
                "change the share of the test or the delay, or give more days"
            )
        if fraud.all() or not fraud.any():
            found = "nothing but fraud" if fraud.all() else f"no {what}"
            raise UsageError(
                f"the {side} part has {found} in {fraud.size:,} rows; "
                "give more days or more fraud, or change the share of the test or the delay"
            )


def _shown(time_us: int, *, has_dates: bool) -> str | float:
    if not has_dates:
        return time_us / 1e6
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)
    return moment.isoformat().replace("+00:00", "Z")
