"""What the steps of a playbook do to the victims: each makes one action of the vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim.attacks.kit.habits import pace
from fraudsim.attacks.kit.playbook.form import (
    AtPlace,
    Banking,
    Booked,
    Charge,
    Deed,
    EnrolWallet,
    FailedLogIn,
    Payment,
    Persuade,
    Refund,
    Transfer,
    Withdraw,
)
from fraudsim.attacks.kit.playbook.meaning import stage_of
from fraudsim.attacks.kit.playbook.numbers import one, value
from fraudsim.attacks.kit.playbook.receivers import receiving_account

if TYPE_CHECKING:
    from fraudsim.attacks.kit.nouns import Accounts, Attempts, Bools, Cards, Floats, Ints
    from fraudsim.attacks.kit.playbook.play import Play

MOST_MINOR = 10_000_000_000
"""No payment is larger than this, minor units."""
LONGEST_GAP_S = 30 * 86_400
TAPPED_MINOR = 5_000
"""What is tapped and not put into the reader (assumption: the limit of many countries)."""

CASES = {
    "theft": "stolen_card",
    "mail_theft": "stolen_card",
    "skimming": "copied_card",
    "persuasion": "scam",
    "recruitment": "mule_account",
    "own": "first_party",
    "application": "first_party",
}
"""How the victim will come to notice, by how it was come by; see ``case_of``."""


@dataclass(frozen=True)
class Deal:
    """An action, and which of its attempts are the deed itself.

    Attributes:
        action: all attempts; a transfer has a login and new payees before it.
        who: position in the hand of the victim of each of the last attempts, the deed.
        merchants: where each of these is, for purchases that may be refunded.
        payee: key of the account that it pays to, 0 is none.
    """

    action: Attempts
    who: Ints
    merchants: Ints | None = None
    payee: int = 0


def deal(play: Play, name: str, step: Deed, which: Ints) -> Deal | None:
    """Return what a step does to some of the hand, or None where it cannot be done.

    Args:
        play: the campaign.
        name: name of the step.
        step: what to do.
        which: positions in the hand, shape (n,); not empty.
    """
    play.focus = which
    if isinstance(step, AtPlace):
        return _at_place(play, name, step, which)
    if isinstance(step, Transfer | Persuade):
        return _send(play, name, step, which)
    if isinstance(step, Booked):
        return _book(play, name, step, which)
    if isinstance(step, Refund):
        return _refund(play, name, step, which)
    if isinstance(step, EnrolWallet):
        cards = play.hand.cards(play.scene, "debit")[which]
        after_s = _after(play, step, which)
        return Deal(play.scene.enrol_wallet(cards, after_s=after_s, **play.seat(which)), which)
    assert isinstance(step, Banking | FailedLogIn)
    return _bank(play, step, which)


def case_of(play: Play) -> Any:
    """Return how the victims will notice."""
    victims = play.playbook.victims
    return CASES.get(victims.via, "account" if victims.cards is None else "remote_card")


# ---- with cards -----------------------------------------------------------------------------


def _at_place(play: Play, name: str, step: AtPlace, which: Ints) -> Deal | None:
    at, online = play.places.shops(step.at, len(which), play.hand, play)
    if not len(at):
        return None
    cards = play.hand.cards(play.scene, step.funding)[which]
    theirs = np.full(len(which), -1, dtype=np.int64)
    if online:
        theirs = play.places.of_holders(step.at, cards, play)
        at = np.where(theirs >= 0, theirs, at)
    play.where = at
    amount, worth = _amounts(play, step, len(which))
    which, at, amount = which[worth], at[worth], amount[worth]
    cards, theirs = cards[worth], theirs[worth]
    if not len(which):
        return None
    after_s = play.scene.rng.permutation(
        pace(play.scene, play.habits, len(which), _gap_s(play, step))
    )
    given = {"at": at, "amount_minor": amount, "after_s": after_s}
    if isinstance(step, Withdraw):
        action = play.scene.withdraw(
            cards,
            **given,
            stage=stage_of(name, step),
            entry=step.entry,
            knows_pin=step.knows_pin,
            case=case_of(play),
        )
        return Deal(action, which)
    assert isinstance(step, Charge)
    return _charge(play, name, step, which, cards, given, theirs >= 0, online=online)


def _charge(
    play: Play,
    name: str,
    step: Charge,
    which: Ints,
    cards: Cards,
    given: dict[str, Any],
    on_file: Bools,
    *,
    online: bool,
) -> Deal:
    """Charge in parts: wrong and right CVV, tapped and inserted, typed in and on file."""
    devices = play.devices()[which] if online else np.zeros(len(which), dtype=np.int64)
    wrong = play.scene.rng.random(len(which)) < one(step.wrong_cvv_share, play)
    small = given["amount_minor"] <= TAPPED_MINOR
    parts, order = [], []
    for is_wrong, is_small, is_on_file in product((False, True), repeat=3):
        part = np.flatnonzero((wrong == is_wrong) & (small == is_small) & (on_file == is_on_file))
        if not len(part):
            continue
        entry = step.entry if step.entry != "by_place" else _entry(is_small, online)
        entry = "stored_credential" if is_on_file else entry
        parts.append(
            play.scene.charge(
                cards[part],
                **{key: column[part] for key, column in given.items()},
                stage=stage_of(name, step),
                entry=entry,
                device=devices[part],
                ip_country=play.ip_country,
                cvv=_cvv(entry, is_wrong),
                knows_pin=step.knows_pin,
                passes_challenge=one(step.passes_challenge, play),
                case=case_of(play),
            )
        )
        order.append(part)
    places = np.concatenate(order)
    return Deal(_together(parts), which[places], given["at"][places])


def _entry(is_small: bool, online: bool) -> Any:
    if online:
        return "ecom"
    return "contactless" if is_small else "chip"


def _cvv(entry: str, is_wrong: bool) -> Any:
    if entry == "stored_credential":
        return "not_provided"
    return "no_match" if is_wrong else "match"


def _refund(play: Play, name: str, step: Refund, which: Ints) -> Deal | None:
    """Refund what was bought last; nothing where nothing was."""
    hand = play.hand
    which = which[hand.bought_at[which] >= 0]
    if not len(which):
        return None
    share = np.clip(value(step.share, play, len(which)), 0.0, 1.0)
    amount = np.maximum(np.rint(hand.bought_minor[which] * share), 1).astype(np.int64)
    action = play.scene.refund(
        hand.cards(play.scene, "debit" if play.funding is None else play.funding)[which],
        at=hand.bought_at[which],
        amount_minor=amount,
        after_s=_after(play, step, which),
        stage=stage_of(name, step),
    )
    hand.bought_at[which] = -1  # it is paid back once
    return Deal(action, which)


# ---- with accounts --------------------------------------------------------------------------


def _bank(play: Play, step: Banking | FailedLogIn, which: Ints) -> Deal:
    accounts, where = play.hand.accounts()[which], play.seat(which)
    after_s = _after(play, step, which)
    if isinstance(step, FailedLogIn):
        return Deal(play.scene.log_in(accounts, after_s=after_s, fails=True, **where), which)
    verb = getattr(play.scene, step.do)  # one of the five words that the form allows
    return Deal(verb(accounts, after_s=after_s, **where), which)


def _send(play: Play, name: str, step: Transfer | Persuade, which: Ints) -> Deal | None:
    """Log in, add the payee where it is new, and send."""
    scene, hand = play.scene, play.hand
    amount, worth = _amounts(play, step, len(which))
    which, amount = which[worth], amount[worth]
    if not len(which):
        return None
    accounts, payee = hand.accounts()[which], receiving_account(play, step.to)
    by_victim = isinstance(step, Persuade)
    where = {"device": accounts.device, "ip_country": None} if by_victim else play.seat(which)
    step_s = _three_steps(play, step, len(which))
    parts = []
    if by_victim or (isinstance(step, Transfer) and step.logs_in):
        parts.append(scene.log_in(accounts, after_s=step_s[:, 0], **where))
    fresh = np.array([(int(who), payee) not in hand.knows for who in accounts.customer])
    if fresh.any():
        parts.append(_add_payee(play, accounts, fresh, payee, step_s[:, 1], where))
    transfer = scene.transfer(
        accounts,
        to=payee,
        amount_minor=amount,
        after_s=step_s[:, 2],
        stage=stage_of(name, step),
        passes_challenge=one(step.passes_challenge, play),
        case=case_of(play),
        **where,
    )
    return Deal(_together([*parts, transfer]), which, payee=payee)


def _three_steps(play: Play, step: Deed, count: int) -> Floats:
    """Return three times per victim: logging in, adding the payee, sending; shape (n, 3)."""
    return play.scene.pace(3 * count, median_s=_gap_s(play, step)).reshape(count, 3)


def _add_payee(
    play: Play,
    accounts: Accounts,
    fresh: Bools,
    payee: int,
    after_s: Floats,
    where: dict[str, Any],
) -> Attempts:
    new = accounts[fresh]
    play.hand.knows |= {(int(who), payee) for who in new.customer}
    device = where["device"][fresh]
    return play.scene.add_payee(
        new, payee=payee, after_s=after_s[fresh], device=device, ip_country=where["ip_country"]
    )


def _book(play: Play, name: str, step: Booked, which: Ints) -> Deal | None:
    amount, worth = _amounts(play, step, len(which))
    which, amount = which[worth], amount[worth]
    if not len(which):
        return None
    verb = getattr(play.scene, step.do)  # one of the three words that the form allows
    action = verb(
        play.hand.accounts()[which],
        amount_minor=amount,
        after_s=_after(play, step, which),
        stage=stage_of(name, step),
        case=case_of(play),
    )
    return Deal(action, which)


# ---- parts of every deed --------------------------------------------------------------------


def _amounts(play: Play, step: Payment, count: int) -> tuple[Ints, Bools]:
    """Return an amount per victim, minor units, and which are worth the deed."""
    drawn = value(step.amount_minor, play, count)
    amount = np.clip(np.rint(drawn), 1, MOST_MINOR).astype(np.int64)
    worth = drawn >= max(one(step.least_minor, play), 1.0)
    return amount, worth


def _gap_s(play: Play, step: Deed) -> float:
    return float(np.clip(one(step.gap_s, play), 0.01, LONGEST_GAP_S))


def _after(play: Play, step: Deed, which: Ints) -> Floats:
    return play.scene.pace(len(which), median_s=_gap_s(play, step))


def _together(parts: list[Attempts]) -> Attempts:
    action = parts[0]
    for part in parts[1:]:
        action += part
    return action
