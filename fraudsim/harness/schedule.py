"""When a detector is fitted and what it is judged on: one round after the other.

A round is a split: rows older than the label delay to learn from, with the labels known at the
start of its test, and the days after that to be judged on. The rounds of a schedule follow each
other, as in the prequential protocol of the Fraud Detection Handbook (Le Borgne et al. 2022,
chapter 5); the detector is fitted anew for each, or for the first only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from fraudsim.errors import UsageError
from fraudsim.moments import DAY_US
from fraudsim.splits import Split, split_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.examples import Examples


@dataclass(frozen=True)
class Round:
    """One test and what comes before it.

    Attributes:
        split: the rows to learn from and those to be judged on.
        refit: whether the detector is fitted at its start.
    """

    split: Split
    refit: bool = True


@dataclass(frozen=True)
class Schedule:
    """Rounds of equal length.

    Attributes:
        first_test_day: day on which the first test begins, counted from the first row's day as 0.
        test_days: length of each test.
        rounds: how many; the last ends where the data ends, at the latest.
        delay_days: rows this long before a test are not learnt from.
        refit: whether the detector is fitted before each test or before the first only.
        remove_known_compromised: whether rows of accounts with a fraud reported before a test are
            taken out of it: the bank has blocked those.
    """

    first_test_day: int
    test_days: int
    rounds: int = 1
    delay_days: float = 7.0
    refit: Literal["each", "first"] = "each"
    remove_known_compromised: bool = True

    def apply(self, examples: Examples) -> tuple[Round, ...]:
        """Return the rounds.

        Raises:
            UsageError: the data ends before a test begins, or a side of a round has one class only.
        """
        return tuple(
            Round(self._split(examples, number), refit=number == 0 or self.refit == "each")
            for number in range(self.rounds)
        )

    def _split(self, examples: Examples, number: int) -> Split:
        first_us = int(examples.time_us[0]) // DAY_US * DAY_US
        fitted_at_us = first_us + (self.first_test_day + number * self.test_days) * DAY_US
        if fitted_at_us > examples.time_us[-1]:
            raise UsageError(
                f"test {number + 1} of {self.rounds} begins after the data ends: it spans "
                f"{(examples.time_us[-1] - first_us) / DAY_US:.0f} days"
            )
        return split_at(
            examples,
            fitted_at_us,
            ends_us=fitted_at_us + self.test_days * DAY_US,
            delay_days=self.delay_days,
            remove_known_compromised=self.remove_known_compromised,
        )


def tested(rounds: Sequence[Round]) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of all tests in order of time, int64, and the number of the round of each."""
    tests = [one.split.test for one in rounds]
    return np.concatenate(tests), np.repeat(np.arange(len(tests)), [test.size for test in tests])
