"""How a mule passes money on: out again within hours, to new payees or as cash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.attacks.kit.habits import draw_ip_country, in_notes, rest_at_night, rounded

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts
    from fraudsim.attacks.kit.scene import Scene

MOST_PARTS = 6
"""Payments into which one sum is split at most (assumption)."""
SMALLEST_MINOR = 2_000
"""A rest below this is left on the account (assumption)."""
PAYEE_ABROAD_SHARE = 0.3
"""Accounts further up that lie abroad (assumption)."""


def pass_on(
    scene: Scene,
    habits: Habits,
    mule: Accounts,
    amount_minor: int,
    *,
    payees: list[int],
    most_payees: int,
    cash_share: float,
    within_hours: float,
    transfer_stage: str,
    cash_stage: str,
    device: int | None = None,
) -> Step[bool]:
    """Send an amount out of one mule's account in parts; return whether the account still works.

    Args:
        scene: the campaign's scene.
        habits: its habits.
        mule: one customer, shape (1,).
        amount_minor: what is to leave, minor units.
        payees: keys that the mule already pays to; new ones are added to it.
        most_payees: the list grows up to so many.
        cash_share: parts that leave as cash.
        within_hours: the parts spread over about so many hours.
        transfer_stage: stage of the transfers.
        cash_stage: stage of the withdrawals.
        device: key of the device used; default: the mule's own.
    """
    left, refused = amount_minor, 0
    for _ in range(MOST_PARTS):
        if left < SMALLEST_MINOR:
            break
        scene.wait(hours=float(scene.rng.exponential(within_hours / 3.0)) * habits.patience)
        rest_at_night(scene, habits)
        action = None
        if scene.rng.random() < cash_share:
            action = _cash(scene, mule, left, cash_stage)
        if action is None:
            to, fresh = _choose_payee(scene, payees, most_payees)
            action = _send(
                scene, mule, left, to=to, fresh=fresh, stage=transfer_stage, device=device
            )
        answer = yield action
        left -= answer.taken_minor
        code = answer.response_code[-1]
        refused += code != "00"
        if code == "62" or refused >= 2:
            return False
        if code != "00":
            left = left // 2
    return True


def _cash(scene: Scene, mule: Accounts, left: int, stage: str) -> Attempts | None:
    """Withdraw notes with the mule's own card near home; None where no machine is near."""
    machine = scene.shops("cash", 1, city=int(mule.city[0]))
    if not len(machine):
        return None
    return scene.withdraw(
        scene.cards_of(mule, "debit"),
        at=machine,
        amount_minor=np.minimum(in_notes(scene, 1, times=5.0), left // 1_000 * 1_000),
        after_s=float(scene.rng.lognormal(6.0, 0.8)),  # some minutes to the machine (assumption)
        stage=stage,
        entry="chip",
        case="mule_account",
    )


def _choose_payee(scene: Scene, payees: list[int], most: int) -> tuple[int, bool]:
    """Return one of the payees and whether it is new; a new one joins the list."""
    fresh = not payees or (len(payees) < most and scene.rng.random() < 0.5)
    if fresh:
        payees.append(scene.payee(country=draw_ip_country(scene, 1 - PAYEE_ABROAD_SHARE)))
        return payees[-1], True
    return int(scene.rng.choice(payees)), False


def _send(
    scene: Scene,
    mule: Accounts,
    left: int,
    *,
    to: int,
    fresh: bool,
    stage: str,
    device: int | None,
) -> Attempts:
    """Log in and transfer all that is left or a part of it."""
    steps_s = np.cumsum(scene.rng.lognormal(4.0, 0.7, 3))
    action = scene.log_in(mule, after_s=steps_s[0], device=device)
    if fresh:
        action += scene.add_payee(mule, payee=to, after_s=steps_s[1], device=device)
    part = left if scene.rng.random() < 0.4 else int(left * scene.rng.uniform(0.35, 1.0))
    return action + scene.transfer(
        mule,
        to=to,
        amount_minor=rounded(scene, np.array([part])),
        after_s=steps_s[2],
        stage=stage,
        device=device,
        case="mule_account",
    )
