"""How a scam goes: whom it is told to, to which account they pay, and how a payment is talked for.

The victim pays, on the own device and by the own will; the stories differ in what is told, when,
and how often. What they share is here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np

from fraudsim.attacks.kit.habits import draw_ip_country
from fraudsim.attacks.kit.mules import pass_on

if TYPE_CHECKING:
    from datetime import date

    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Ints, Outcomes
    from fraudsim.attacks.kit.scene import Scene

SMALLEST_MINOR = 1_000
"""Nobody is scammed for less (assumption)."""
BELIEVES = 2
"""Refusals after which the victim stops believing (assumption)."""
ON_US_SHARE = 0.15
"""Receiving accounts that are held by customers of this bank (assumption: a market share)."""
ABROAD_SHARE = 0.12
"""Receiving accounts abroad, of those elsewhere (assumption)."""
SAVERS = 0.6
"""People who have savings that can be here within the hour (assumption)."""
SAVINGS_MEDIAN_MINOR, SAVINGS_LOG_SD, MOST_SAVINGS_MINOR = 400_000, 2.0, 2_500_000
"""What they have there: transaction accounts of US families have a median of 8,000 and a mean of
62,000 dollars (Federal Reserve, Survey of Consumer Finances 2022), half of it elsewhere
(assumption). No more can be fetched than many banks let go by telephone or app in a day, 25,000
(assumption)."""
MULE_STAGES = ("passed_on", "cash")
"""The stages of money that a mule here sends on; every scam ends its ``stages`` with them."""


# ---- the victim -----------------------------------------------------------------------------


@dataclass
class Mark:
    """One customer who is being talked to, and what came of it so far.

    Attributes:
        account: the customer, shape (1,).
        savings_minor: what the customer still has elsewhere and can fetch, minor units.
        payees: keys of the payees that the customer has added.
        paid_minor: what was paid in all, minor units.
        refusals: payments that did not go.
        answer: what the bank said last; empty before anything was tried.
    """

    account: Accounts
    savings_minor: int = 0
    payees: set[int] = field(default_factory=set)
    paid_minor: int = 0
    refusals: int = 0
    answer: str = ""

    @property
    def believes(self) -> bool:
        """Whether the customer still listens."""
        return self.refusals < BELIEVES


def worth_the_talk(scene: Scene, approached: Accounts, count: int, *, richest: int) -> list[Mark]:
    """Pick ``count`` of the people approached, at random from the ``richest``-th part of them.

    Many are approached; who has money is worth the talk, and the longer talk the more so.
    """
    richest_first = np.argsort(-approached.balance_minor, kind="stable")
    picked = scene.rng.permutation(richest_first[: max(len(approached) // richest, count)])
    victims = approached[picked[:count]]
    return [
        Mark(victims[index : index + 1], _savings_minor(scene.rng)) for index in range(len(victims))
    ]


def _savings_minor(rng: np.random.Generator) -> int:
    """Draw what somebody has elsewhere and can fetch, minor units."""
    saved = SAVINGS_MEDIAN_MINOR * float(rng.lognormal(0.0, SAVINGS_LOG_SD))
    return int(min(saved, MOST_SAVINGS_MINOR)) if rng.random() < SAVERS else 0


# ---- the account that receives --------------------------------------------------------------


@dataclass
class Receiver:
    """The account that victims pay to, and the mule who holds it, if that is a customer here.

    Attributes:
        payee: key of the account.
        mule: the customer here who holds it, shape (1,); shape (0,) for an account elsewhere.
        onward: keys of the payees to whom the mule sends the money on.
        works: whether the mule still can.
    """

    payee: int
    mule: Accounts
    onward: list[int] = field(default_factory=list)
    works: bool = True


def receiving_account(
    scene: Scene,
    *,
    kind: Literal["person", "business"] = "person",
    on_us_share: float = ON_US_SHARE,
    abroad_share: float = ABROAD_SHARE,
) -> Receiver:
    """Get an account to receive on: a recruited customer's of this bank, or one elsewhere."""
    mule = scene.accounts(1 if scene.rng.random() < on_us_share else 0, via="recruitment")
    return Receiver(account_of(scene, mule, kind=kind, abroad_share=abroad_share), mule)


def account_of(
    scene: Scene, mule: Accounts, *, kind: Literal["person", "business"], abroad_share: float
) -> int:
    """Return the key of the mule's account; without a mule here, of an account elsewhere."""
    if len(mule):
        return scene.payee(owner=int(mule.customer[0]))
    return scene.payee(kind=kind, country=draw_ip_country(scene, 1 - abroad_share))


def pass_takings_on(
    scene: Scene, habits: Habits, receiver: Receiver, taken_minor: int, *, within_hours: float = 24
) -> Step[None]:
    """Pass on what arrived on a mule's account here, but for the mule's share."""
    if not len(receiver.mule) or not taken_minor:
        return
    scene.wait(hours=float(scene.rng.uniform(0.2, 4.0)))
    receiver.works = yield from pass_on(
        scene,
        habits,
        receiver.mule,
        int(taken_minor * scene.rng.uniform(0.8, 0.97)),
        payees=receiver.onward,
        most_payees=2,
        cash_share=0.3,
        within_hours=within_hours,
        transfer_stage="passed_on",
        cash_stage="cash",
    )


# ---- the payment ----------------------------------------------------------------------------


def within_reach_minor(scene: Scene, mark: Mark) -> int:
    """Return what the mark has today, here and where it can be fetched from, minor units."""
    return _balance_minor(scene, mark) + mark.savings_minor


def _balance_minor(scene: Scene, mark: Mark) -> int:
    return max(int(scene.look_again(mark.account).balance_minor[0]), 0)


def talk_into_paying(
    scene: Scene,
    mark: Mark,
    amount_minor: float,
    *,
    to: int,
    most: float,
    stage: str,
    typed: bool = True,
) -> Step[int]:
    """Have the mark log in and pay, at most a share of what is within reach; return what went.

    Args:
        scene: the campaign's scene.
        mark: who pays; a payee that is new to him is added first.
        amount_minor: what is asked for, minor units.
        to: key of the payee.
        most: largest share of what is within reach that the mark would part with.
        stage: the stage of the pattern.
        typed: the sum is rounded as people do who type one; a bill is not.
    """
    amount = yield from _bring_together(scene, mark, amount_minor, most)
    if not amount:
        return 0
    answer = yield scene.persuade(
        mark.account,
        to=to,
        amount_minor=np.array([amount]),
        stage=stage,
        first=to not in mark.payees,
        typed=typed,
    )
    mark.payees.add(to)
    return _hear(mark, answer)


def talk_into_buying(
    scene: Scene, mark: Mark, amount_minor: float, *, at: Ints, most: float, stage: str
) -> Step[int]:
    """Have the mark pay by debit card at a web shop, shape (1,); return what went.

    The arguments are as in ``talk_into_paying``; the sum is left as it is.
    """
    amount = yield from _bring_together(scene, mark, amount_minor, most)
    if not amount:
        return 0
    answer = yield scene.charge(
        scene.cards_of(mark.account, "debit"),
        at=at,
        amount_minor=amount,
        after_s=scene.pace(1, median_s=300.0),
        stage=stage,
        device=mark.account.device,
        passes_challenge=0.97,  # it is the customer, as in Scene.persuade (assumption)
        case="scam",
    )
    return _hear(mark, answer)


def _bring_together(scene: Scene, mark: Mark, amount_minor: float, most: float) -> Step[int]:
    """Return the sum, or what the mark has of it; 0, and less belief, where that is nothing.

    What is not on the account is fetched from savings first, as honest people do before a large
    payment.
    """
    balance = _balance_minor(scene, mark)
    amount = min(round(amount_minor), int((balance + mark.savings_minor) * most))
    if amount < SMALLEST_MINOR:
        mark.refusals += 1
        return 0
    missing = amount - int(balance * most)
    if missing > 0:
        fetched = -(-missing // 10_000) * 10_000  # whole hundreds
        mark.savings_minor = max(mark.savings_minor - fetched, 0)
        yield scene.fetch_savings(
            mark.account, amount_minor=fetched, after_s=scene.pace(1, median_s=300.0)
        )
        scene.wait(hours=float(scene.rng.exponential(0.4)))
    return amount


def _hear(mark: Mark, answer: Outcomes) -> int:
    """Keep what the bank said of the mark's payment, the last one asked; return what went."""
    mark.answer = str(answer.response_code[-1])
    mark.paid_minor += answer.taken_minor
    mark.refusals += not answer.approved[-1]
    return answer.taken_minor


# ---- the hour -------------------------------------------------------------------------------


def at_hour(scene: Scene, hour: float, sd: float, *, days: float) -> None:
    """Wait some days, then until about that hour."""
    scene.wait(days=days)
    scene.wait_until_hour(float(np.clip(scene.rng.normal(hour, sd), 7.0, 23.9)))


def local_date(scene: Scene) -> date:
    """Return the local date: that of noon, which is the same in UTC nearly everywhere."""
    noon_us = scene.now_us + round((12.0 - scene.local_hour) * 3.6e9)
    return datetime.fromtimestamp(noon_us / 1e6, tz=UTC).date()


def at_the_office(scene: Scene, *, day_of_month: int) -> None:
    """Wait until the next such day of a month, or the Monday after it, and until office hours."""
    today = local_date(scene)
    due = today + timedelta(days=1)
    while due.day != day_of_month:
        due += timedelta(days=1)
    if due.weekday() >= _SATURDAY:
        due += timedelta(days=7 - due.weekday())
    scene.wait_until_hour(0.0)  # midnight, the start of tomorrow
    scene.wait(days=(due - today).days - 1)
    scene.wait_until_hour(float(np.clip(scene.rng.normal(11.5, 2.0), 8.0, 17.5)))


_SATURDAY = 5
