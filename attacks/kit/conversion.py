"""How stolen money comes back from a gambling house or an exchange: to a mule, and out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.attacks.kit.habits import rest_at_night
from fraudsim.attacks.kit.mules import pass_on

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts
    from fraudsim.attacks.kit.scene import Scene

PAID_OUT_STAGES = ("pay_out", "passed_on", "cash")
"""The stages of money that comes back; a pattern that converts ends its ``stages`` with them."""
MOST_PARTS = 3
"""Payments in which a house pays one sum out at most (assumption)."""
LEAST_MINOR = 2_000
"""Less is not worth paying out (assumption)."""


def paid_out(
    scene: Scene,
    habits: Habits,
    mule: Accounts,
    amount_minor: int,
    *,
    within_hours: float,
) -> Step[None]:
    """Let a house pay a sum out to a mule's account here, who passes it on.

    Args:
        scene: the campaign's scene.
        habits: its habits.
        mule: the customer who was recruited, shape (1,); shape (0,) is paid elsewhere, unseen.
        amount_minor: what comes back, minor units.
        within_hours: the house takes about so many hours for a payment.
    """
    if not len(mule) or amount_minor < LEAST_MINOR:
        return
    onward: list[int] = []
    for part in _parts(scene, amount_minor):
        scene.wait(hours=float(scene.rng.exponential(within_hours)))
        rest_at_night(scene, habits)
        yield scene.receive(mule, amount_minor=part, after_s=0.0, stage="pay_out")
        works = yield from pass_on(
            scene,
            habits,
            mule,
            int(part * scene.rng.uniform(0.82, 0.97)),
            payees=onward,
            most_payees=2,
            cash_share=0.4,
            within_hours=18.0,
            transfer_stage="passed_on",
            cash_stage="cash",
        )
        if not works:
            return


def _parts(scene: Scene, amount_minor: int) -> list[int]:
    """Split a sum into one to three parts of different size."""
    count = int(scene.rng.integers(1, MOST_PARTS + 1)) if amount_minor > 10 * LEAST_MINOR else 1
    share = scene.rng.dirichlet([4.0] * count)
    return [max(int(amount_minor * part), 1) for part in share.tolist()]
