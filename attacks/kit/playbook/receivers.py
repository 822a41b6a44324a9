"""Accounts that a playbook's money goes to: elsewhere, of a ring, or of customers of this bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim.attacks.kit.habits import draw_ip_country
from fraudsim.attacks.kit.mules import MOST_PARTS, pass_on
from fraudsim.attacks.kit.playbook.meaning import stage_of
from fraudsim.attacks.kit.playbook.numbers import one, whole

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Step as Told
    from fraudsim.attacks.kit.playbook.form import PassOn, Payee
    from fraudsim.attacks.kit.playbook.play import Play

MOST_PAYEES = 1_000
"""Accounts that one hand, or one mule, pays to."""
ATTEMPTS_OF_A_MULE = 3 * MOST_PARTS
"""Attempts that a sum passed on is counted as: to log in, add a payee and pay, for each part."""
LONGEST_HOURS = 24.0 * 365


def receiving_account(play: Play, name: str) -> int:
    """Return the key of one of the accounts in use, or of a new one."""
    form, used = play.playbook.payees[name], play.hand.payees.setdefault(name, [])
    most = whole(form.most, play, 1, MOST_PAYEES)
    if not used or (len(used) < most and play.scene.rng.random() < one(form.new_chance, play)):
        used.append(_new_account(play, form))
        return used[-1]
    return int(play.scene.rng.choice(used))


def _new_account(play: Play, form: Payee) -> int:
    scene, on_us = play.scene, one(form.on_us_share, play)
    if on_us > 0 and scene.rng.random() < on_us:
        mule = scene.accounts(1, via="recruitment")
        if len(mule):
            key = scene.payee(owner=int(mule.customer[0]))
            play.hand.mules[key] = mule
            return key
    if form.ring:
        return scene.ring_payee(kind=form.kind)
    home_share = 1 - one(form.abroad_share, play)
    return scene.payee(kind=form.kind, country=draw_ip_country(scene, home_share))


def book_arrival(play: Play, payee: int, amount_minor: int) -> None:
    """Remember what arrived on an account of a customer of this bank."""
    hand = play.hand
    if payee in hand.mules:
        hand.arrived[payee] = hand.arrived.get(payee, 0) + amount_minor


def pass_takings_on(play: Play, name: str, step: PassOn) -> Told[int]:
    """Let each mule send on what arrived, but for a share; return the attempts it counts as.

    Who is refused twice, or whose account is closed, is not asked again.
    """
    hand, attempts = play.hand, 0
    for payee in [key for key in hand.payees.get(step.of, []) if hand.arrived.get(key)]:
        keeps = float(np.clip(one(step.keeps, play), 0.0, 1.0))
        works = yield from pass_on(
            play.scene,
            play.habits,
            hand.mules[payee],
            int(hand.arrived.pop(payee) * (1.0 - keeps)),
            payees=hand.onward.setdefault(payee, []),
            most_payees=whole(step.most_payees, play, 1, MOST_PAYEES),
            cash_share=one(step.cash_share, play),
            within_hours=float(np.clip(one(step.within_hours, play), 0.0, LONGEST_HOURS)),
            transfer_stage=stage_of(name, step),
            cash_stage=stage_of(name, step),
        )
        attempts += ATTEMPTS_OF_A_MULE
        if not works:
            del hand.mules[payee]
    return attempts
