"""How a credit line is used up by whoever never means to pay: quietly at first, then all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from fraudsim.attacks.kit.habits import (
    in_notes,
    opening_hours,
    pace,
    some,
    street_shops,
    taste,
    web_shops,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts, Numbers
    from fraudsim.attacks.kit.scene import Scene

# the spending of anybody (assumption, near the shares of the categories)
EVERYDAY = {
    "grocery": 0.28,
    "general_merchandise": 0.2,
    "restaurant": 0.16,
    "fuel": 0.12,
    "clothing": 0.12,
    "fast_food": 0.06,
    "electronics": 0.06,
}
# what turns a limit into money (assumption)
SPENT_OUT = {
    "electronics": 0.34,
    "general_merchandise": 0.2,
    "gift_cards": 0.16,
    "clothing": 0.14,
    "money_transfer": 0.08,
    "hotel": 0.08,
}
MOST_PURCHASES = 60
"""Purchases tried at most once the limit is being used up (assumption)."""
CONTACTLESS_MINOR = 5_000
"""Up to here a card is tapped, above it is put in (assumption)."""


@dataclass(frozen=True)
class Spender:
    """A name with a card, and who spends in it.

    Attributes:
        customer: one customer, shape (1,).
        device: key of the device used online.
        online_share: purchases made online.
        ip_country: country of the internet address; None is the home country.
        funding: the card used; a debit card goes into the overdraft.
    """

    customer: Accounts
    device: Numbers
    online_share: float
    ip_country: str | None = None
    funding: Literal["debit", "credit"] = "credit"


def build_up(
    scene: Scene,
    habits: Habits,
    spender: Spender,
    *,
    weeks: float,
    per_week: float,
    weekly_growth: float,
    stage: str,
) -> Step[None]:
    """Spend as anybody does, a little more each week; ``weeks`` and ``per_week`` are means."""
    shops = taste(scene, EVERYDAY)
    for week in range(some(scene, weeks)):
        purchases = some(scene, per_week)
        for _ in range(purchases):
            # half a day less: the wait for the shops to open adds as much
            days = float(scene.rng.exponential(7 / purchases)) - 0.5
            opening_hours(scene, days=max(days, 0.0))
            action = buy(scene, spender, shops, habits.greed * weekly_growth**week, stage)
            if action is not None:
                yield action


def use_up(
    scene: Scene,
    habits: Habits,
    spender: Spender,
    wanted_minor: int,
    *,
    days: float,
    cash_share: float,
    cash_stage: str,
    purchase: Callable[[float], Attempts | None],
) -> Step[None]:
    """Spend until the wanted sum is gone, or three refusals running.

    Args:
        scene: the campaign's scene.
        habits: its habits.
        spender: who spends.
        wanted_minor: what is to be spent, minor units.
        days: mean days in which it goes.
        cash_share: payments that are cash advances.
        cash_stage: stage of the cash advances.
        purchase: makes one purchase, so many times as dear as an honest one; None is no shop.
    """
    per_day = 1 + MOST_PURCHASES // (4 * some(scene, days))
    left, running, dear = wanted_minor, 0, 2.5 * habits.greed
    opening_hours(scene, days=float(scene.rng.exponential(2.0)))
    for turn in range(MOST_PURCHASES):
        if left < 100 or running == 3:
            return
        action = None
        if scene.rng.random() < cash_share:
            action = advance_cash(scene, habits, spender, stage=cash_stage)
        if action is None:
            action = purchase(dear)
        if action is None:
            return
        answer = yield action
        left -= answer.taken_minor
        running = 0 if answer.approved.all() else running + 1
        dear *= 1.0 if answer.approved.all() else 0.5
        if turn % per_day == per_day - 1:
            opening_hours(scene, days=0.5)


def buy(
    scene: Scene, spender: Spender, shops: Mapping[str, float], times: float, stage: str
) -> Attempts | None:
    """Buy something online or in town; None where there is no shop."""
    card = scene.cards_of(spender.customer, spender.funding)
    at = street_shops(scene, shops, 1, city=int(spender.customer.city[0]))
    online = not len(at) or scene.rng.random() < spender.online_share
    if online:
        at = web_shops(scene, shops, 1)
    if not len(at):
        return None
    amount = scene.price(at, times=times)
    after_s = scene.pace(1, median_s=1_800.0)
    if online:
        return scene.charge(
            card,
            at=at,
            amount_minor=amount,
            after_s=after_s,
            stage=stage,
            device=spender.device,
            ip_country=spender.ip_country,
            passes_challenge=0.96,  # as any customer
            case="first_party",
        )
    return scene.charge(
        card,
        at=at,
        amount_minor=amount,
        after_s=after_s,
        stage=stage,
        entry="contactless" if amount[0] <= CONTACTLESS_MINOR else "chip",
        knows_pin=True,
        case="first_party",
    )


def advance_cash(scene: Scene, habits: Habits, spender: Spender, *, stage: str) -> Attempts | None:
    """Draw cash on the card near home; None where no machine is near."""
    machine = scene.shops("cash", 1, city=int(spender.customer.city[0]))
    if not len(machine):
        return None
    return scene.withdraw(
        scene.cards_of(spender.customer, spender.funding),
        at=machine,
        amount_minor=in_notes(scene, 1, times=4.0 * habits.greed),
        after_s=pace(scene, habits, 1, 1_200.0),
        stage=stage,
        entry="chip",
        case="first_party",
    )
