"""Where people buy again: favourites, slow exploration, and the shop they were in just now.

All by account, over accounts with at least 20 purchases; purchases at a merchant that the account
has used before in the data are repeats. The real panel is longer than most data sets (46 months),
but has fewer purchases per card (119): what counts is how many purchases came before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.quality.check import CannotCheckError, Check, Measurement
from fraudsim.quality.honest_life.purchases import enough, purchases
from fraudsim.quality.panel import (
    Panel,
    codes,
    most_of_one,
    pairs,
    panel,
    seen_before,
    which_account,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fraudsim.quality.subject import Subject

LEAST_OF_AN_ACCOUNT = 20
"""Purchases of an account that show habits: as many as the real panel's accounts needed (about:
1,070 of its 1,523 cards were used)."""

LATE = 50
"""Purchases after which an account is known."""

LEAST_ACCOUNTS = 30
"""Accounts without which no habit is a rule (a choice)."""

PURCHASES_OF_A_PAIR = 5
"""Purchases of one account at one merchant that show how amounts vary (a choice)."""


def loyal_panel(subject: Subject) -> Panel:
    """Return the purchases of accounts with enough of them.

    Raises:
        CannotCheckError: there are too few accounts.
    """
    account = which_account(subject)
    rows = purchases(subject, account, "merchant")
    every = panel(rows.filter(pl.col("merchant").is_not_null()), account)
    used = every.count >= LEAST_OF_AN_ACCOUNT
    if used.sum() < LEAST_ACCOUNTS:
        raise CannotCheckError(
            f"too few accounts with {LEAST_OF_AN_ACCOUNT} purchases: {int(used.sum())}, "
            f"at least {LEAST_ACCOUNTS} are needed"
        )
    return every.of_holders(used)


def _repeats(subject: Subject) -> Iterator[Measurement]:
    of = loyal_panel(subject)
    merchant = codes(of.frame["merchant"])
    pair = pairs(of.holder, merchant)
    again = seen_before(pair)
    detail = {"accounts": len(of.count), "purchases": len(again)}
    rate = float(again.mean())
    yield Measurement(
        "repeats_all",
        rate,
        f"{rate:.0%} of purchases are at a merchant that the account has used before",
        detail=detail,
    )
    late = of.number >= LATE
    if late.sum() >= LEAST_OF_AN_ACCOUNT * LEAST_ACCOUNTS:
        rate = float(again[late].mean())
        yield Measurement(
            "repeats_after_50",
            rate,
            f"{rate:.0%} of an account's purchases after its 50th are at a merchant it knows",
            detail=detail,
        )
    same = of.follows & (np.diff(merchant, prepend=-1) == 0)
    rate = float(same.sum() / of.follows.sum())
    yield Measurement(
        "repeats_same_as_last",
        rate,
        f"{rate:.0%} of purchases are at the merchant of the purchase before",
        detail=detail,
    )
    yield from _exploration(of, pair, again, detail)


def _exploration(
    of: Panel, pair: NDArray[np.int64], again: NDArray[np.bool_], detail: dict[str, int]
) -> Iterator[Measurement]:
    """Yield how many merchants accounts know, and how much the first of them has."""
    counts = of.count
    known = np.bincount(of.holder[~again], minlength=len(counts))
    heaps = (
        float(np.polyfit(np.log(counts), np.log(known), 1)[0]) if np.ptp(counts) else float("nan")
    )
    yield Measurement(
        "repeats_heaps",
        heaps,
        f"merchants known grow with purchases made to the power of {heaps:.2f}, over accounts",
        detail=detail,
    )
    top = float(np.median(most_of_one(of.holder, pair) / counts))
    yield Measurement(
        "repeats_top_share",
        top,
        f"the first merchant of the middle account has {top:.0%} of its purchases",
        detail=detail,
    )
    hundred = counts >= 100
    if hundred.sum() >= LEAST_ACCOUNTS:
        early = (of.number < 100) & ~again
        unique = float(np.median(np.bincount(of.holder[early], minlength=len(counts))[hundred]))
        yield Measurement(
            "repeats_unique_per_100",
            unique,
            f"in its first 100 purchases the middle account uses {unique:.0f} merchants",
            detail=detail,
        )


def _pair_amounts(subject: Subject) -> Iterator[Measurement]:
    of = loyal_panel(subject)
    pair = codes(pl.Series(pairs(of.holder, codes(of.frame["merchant"]))))
    amount = of.frame["amount"].to_numpy()
    n = np.bincount(pair)
    used = n >= PURCHASES_OF_A_PAIR
    enough(
        pl.DataFrame({"pair": np.flatnonzero(used)}), "accounts and merchants that meet often", 100
    )
    mean = np.bincount(pair, amount) / n
    spread = np.sqrt(np.bincount(pair, (amount - mean[pair]) ** 2) / n)
    cv = spread[used] / mean[used]
    middle, identical = float(np.median(cv)), float((cv < 1e-9).mean())
    detail = {"pairs": int(used.sum())}
    yield Measurement(
        "pair_amounts_variation",
        middle,
        f"what one account pays at one merchant varies by {middle:.2f} of the mean",
        detail=detail,
    )
    yield Measurement(
        "pair_amounts_identical",
        identical,
        f"{identical:.1%} of accounts always pay a merchant the same amount",
        detail=detail,
    )


def _duplicates(subject: Subject) -> Iterator[Measurement]:
    subject.need_dates()
    of = loyal_panel(subject)
    day = of.frame["local_time"].dt.date().cast(pl.Int32).cast(pl.Int64).to_numpy()
    merchant = codes(of.frame["merchant"])
    visit = pairs(pairs(of.holder, merchant), day - day.min())
    visit = codes(pl.Series(visit))
    again = float(seen_before(visit).mean())
    yield Measurement(
        "duplicates_day",
        again,
        f"{again:.1%} of purchases are at a merchant where the account bought on the same day",
        detail={"accounts": len(of.count)},
    )
    minor = (of.frame["amount"] * 100).round().cast(pl.Int64)
    exact = float(seen_before(pairs(visit, codes(minor))).mean())
    yield Measurement(
        "duplicates_exact",
        exact,
        f"{exact:.2%} of purchases repeat account, merchant, day and amount of another",
        detail={"accounts": len(of.count)},
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "honest_life",
        "repeats",
        "Do accounts come back to their merchants, and find new ones slowly?",
        _repeats,
    ),
    Check(
        "honest_life",
        "pair_amounts",
        "Does an account pay a merchant different amounts?",
        _pair_amounts,
    ),
    Check(
        "honest_life",
        "duplicates",
        "Do honest purchases come twice on one day, so that a duplicate proves nothing?",
        _duplicates,
    ),
)
