"""How an account that was entered is emptied: from which seat, to whom, in how many parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fraudsim.attacks.kit.habits import (
    ASKED_FOR_MORE,
    draw_ip_country,
    rest_at_night,
    rounded,
)
from fraudsim.attacks.kit.mules import pass_on

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts
    from fraudsim.attacks.kit.scene import Scene

WORTH_MINOR = 15_000
"""An account with less is left alone (assumption)."""
MOST_TRIES = 8
"""Transfers tried at most from one account (assumption)."""


@dataclass(frozen=True)
class Seat:
    """From where the fraudster works; no device is the victim's own, by remote access."""

    device: int | None
    ip_country: str | None


@dataclass(frozen=True)
class Mules:
    """Who receives what leaves an account.

    Attributes:
        abroad_share: accounts that lie abroad, of those at other banks.
        here: a customer of this bank who is in it, shape (1,) or (0,); used first, if there.
    """

    abroad_share: float
    here: Accounts | None = None

    def account(self, scene: Scene) -> int:
        """Return the key of an account to send to: another one at every call, but for ``here``."""
        if self.here is not None and len(self.here):
            return scene.payee(owner=int(self.here.customer[0]))
        return scene.payee(country=draw_ip_country(scene, 1 - self.abroad_share))


@dataclass(frozen=True)
class Drain:
    """How an account is emptied.

    Attributes:
        least: least share of the balance wanted.
        most: largest share of the balance wanted.
        most_parts: it is sent in 1 to so many transfers.
        test_share: accounts from which a small sum is sent first.
        passes_challenge: chance to pass a challenge.
        hours_between: mean hours between two transfers.
        stage: stage of the transfers.
        test_stage: stage of the small sum.
    """

    least: float
    most: float
    most_parts: int
    test_share: float
    passes_challenge: float
    hours_between: float = 0.8
    stage: str = "drain"
    test_stage: str = "test"


def fullest(accounts: Accounts) -> Accounts:
    """Return the account with the largest balance, shape (1,); empty where there is none."""
    return accounts[np.argsort(accounts.balance_minor, kind="stable")[::-1][:1]]


def drain(
    scene: Scene, habits: Habits, victim: Accounts, seat: Seat, mules: Mules, how: Drain
) -> Step[int]:
    """Send the wanted share in parts; after a hold to another payee, and less.

    Args:
        scene: the campaign's scene.
        habits: its habits.
        victim: one customer, shape (1,).
        seat: from where.
        mules: to whom.
        how: how much, in how many parts.

    Returns:
        What was taken, minor units.
    """
    rng = scene.rng
    wanted = int(victim.balance_minor[0] * rng.uniform(how.least, how.most))
    left = wanted
    part = max(left // int(rng.integers(1, how.most_parts + 1)), 1)
    payee, refused = mules.account(scene), 0
    fresh, testing = True, rng.random() < how.test_share
    for _ in range(MOST_TRIES):
        amount = int(rng.uniform(500, 6_000)) if testing else min(part, left)
        answer = yield send(
            scene,
            victim,
            seat,
            to=payee,
            amount_minor=amount,
            fresh=fresh,
            stage=how.test_stage if testing else how.stage,
            passes_challenge=how.passes_challenge,
        )
        fresh, testing, left = False, False, left - answer.taken_minor
        code = answer.response_code[-1]
        refused += code != "00"
        if code == "62" or refused >= 3 or left < WORTH_MINOR // 10:
            break
        if code != "00":
            part = max(part // 2, 1)
        if code in ASKED_FOR_MORE:
            payee, fresh = mules.account(scene), True
        scene.wait(hours=float(rng.exponential(how.hours_between)) * habits.patience)
        rest_at_night(scene, habits)
    return wanted - left


def send(
    scene: Scene,
    victim: Accounts,
    seat: Seat,
    *,
    to: int,
    amount_minor: int,
    fresh: bool,
    stage: str,
    passes_challenge: float,
) -> Attempts:
    """Add the payee if it is new, then send; the transfer comes last."""
    step_s = scene.pace(2, median_s=90.0)
    transfer = scene.transfer(
        victim,
        to=to,
        amount_minor=rounded(scene, np.array([amount_minor])),
        after_s=step_s[1],
        stage=stage,
        device=seat.device,
        ip_country=seat.ip_country,
        passes_challenge=passes_challenge,
        case="account",
    )
    if not fresh:
        return transfer
    added = scene.add_payee(
        victim, payee=to, after_s=step_s[0], device=seat.device, ip_country=seat.ip_country
    )
    return added + transfer


def fetch_from(
    scene: Scene, habits: Habits, mules: Mules, taken_minor: int, *, stage: str, cash_stage: str
) -> Step[None]:
    """Let the mule here, if there is one, pass on most of what arrived within a day."""
    if mules.here is None or not len(mules.here) or taken_minor <= 0:
        return
    scene.wait(hours=float(scene.rng.uniform(0.2, 4.0)))
    yield from pass_on(
        scene,
        habits,
        mules.here,
        int(taken_minor * scene.rng.uniform(0.8, 0.97)),
        payees=[],
        most_payees=2,
        cash_share=0.3,
        within_hours=24.0,
        transfer_stage=stage,
        cash_stage=cash_stage,
    )
