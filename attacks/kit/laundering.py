"""How money goes from account to account in hops, a little less of it each time.

A scheme says who pays whom in which hop. ``launder`` plays it: money comes from outside on some
accounts; when all that an account awaits has come or failed, it keeps a share and pays the next
ones some hours later; where the scheme ends, the money leaves for accounts elsewhere or in notes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Self, TypeAlias

import numpy as np
from pydantic import model_validator

from fraudsim.attacks.kit.habits import draw_habits, in_notes, rounded, some
from fraudsim.attacks.kit.pattern import AttackPattern, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.habits import Habits, Step
    from fraudsim.attacks.kit.nouns import Accounts, Attempts, Floats
    from fraudsim.attacks.kit.scene import Scene

Hop: TypeAlias = Sequence[tuple[int, int]]
"""Who pays whom at one step of a scheme, as positions in the circle."""

OUTSIDE = -1
"""Stands for the world beyond the circle where a payer or a receiver is named."""

STAGES = ("placement", "layering", "integration")
"""Money comes in, goes around, leaves (the three phases of the FATF)."""

AMLWORLD = (
    "Altman et al. 2023, Realistic Synthetic Financial Transactions for Anti-Money Laundering "
    "Models, NeurIPS (AMLworld)"
)
FATF = "FATF, Professional Money Laundering, July 2018: networks of mule accounts"

MOVED = Taxonomy(
    f3=("F1025", "F1025.001", "F1047"),
    fraud_classifier="authorised: acted fraudulently",
    uk_finance="money mule",
)
"""Where schemes stand that pass whole sums on."""

PARTED = Taxonomy(
    f3=("F1025", "F1025.001", "F1045", "F1047"),
    fraud_classifier="authorised: acted fraudulently",
    uk_finance="money mule",
)
"""Where schemes stand that break sums up among accounts, which is structuring in F3."""

TOO_FEW = "too few to recruit"

_NIGHT_HOURS = 6  # 0 to 6
_GAP_HOURS = 3.0  # median between two parts of one sum (assumption)
_ARRIVAL_DAYS = 1.0  # mean until the first sum comes on an account (assumption)
_INTRODUCED_DAYS = 1.5  # mean between adding a payee ahead and the first sum (assumption)
_USUAL_PAIRS = 9  # payments of one hop from which on the sum grows with their root (assumption)
_MOST_NOTES = 3  # withdrawals in which a last account takes its sum out (assumption)
_NOTES_HOURS = 22.0  # median between two of them (assumption: a machine has a daily limit)
# seconds after a session begins (assumption): to log in, to add a payee, to pay
_LOGIN_S, _PAYEE_S, _TRANSFER_S = (10, 90), (100, 300), (320, 700)


class LaunderingPattern(AttackPattern):
    """What all schemes that move money in hops can be told."""

    median_minor: int = parameter(
        600_000,
        "median of the sum that comes from outside in all, minor units; more in wide schemes",
        "assumption: the takings of two or three scams (mean of all scams 2,400 pounds)",
        ge=10_000,
    )
    least_kept: float = parameter(
        0.02, "least share of what came that an account keeps", "assumption", ge=0, lt=1
    )
    most_kept: float = parameter(
        0.10, "largest such share", "AMLSim, conf.json: margin_ratio 0.1", gt=0, lt=1
    )
    delay_hours: float = parameter(
        10.0,
        "median hours between the last sum that an account awaits and what it pays",
        "practice of mule detection: 80 % leaves within 48 hours",
        gt=0,
        le=720,
    )
    delay_log_sd: float = parameter(
        0.8, "spread of that delay (sd of the log)", "assumption", ge=0, le=2
    )
    split_share: float = parameter(
        0.2, "sums that are paid in two or three parts", "assumption", ge=0, le=1
    )
    cash_share: float = parameter(
        0.25, "last accounts that take the money out in notes", "assumption", ge=0, le=1
    )
    handed_over_share: float = parameter(
        0.3, "people who hand their login to the ring", "assumption", ge=0, le=1
    )

    @model_validator(mode="after")
    def _least_comes_before_most(self) -> Self:
        if self.least_kept > self.most_kept:
            raise ValueError(
                f"least_kept ({self.least_kept:g}) is above most_kept ({self.most_kept:g})"
            )
        return self


# ---- who pays whom --------------------------------------------------------------------------


def several(scene: Scene, mean: int) -> int:
    """Return a count around ``mean``, 2 at least."""
    return max(some(scene, mean), 2)


def everyone(payers: Sequence[int], receivers: Sequence[int]) -> Hop:
    """Every payer pays every receiver."""
    return [(payer, receiver) for payer in payers for receiver in receivers]


def in_turn(stops: Sequence[int]) -> list[Hop]:
    """Each pays the next one."""
    return [[step] for step in pairwise(stops)]


def in_layers(layers: Sequence[Sequence[int]]) -> list[Hop]:
    """Everyone of a layer pays everyone of the next one."""
    return [everyone(payers, receivers) for payers, receivers in pairwise(layers)]


def dealt(count: int, layers: int) -> list[list[int]]:
    """Deal positions 0 to ``count`` out to layers of nearly equal size."""
    return [part.tolist() for part in np.array_split(np.arange(count), layers)]


# ---- the people -----------------------------------------------------------------------------


@dataclass
class Circle:
    """The people of a scheme.

    Attributes:
        terms: the pattern, for what it was told of amounts and delays.
        habits: how they work.
        accounts: they, in the order in which hops name them.
        devices: key of the device used for each; None is the customer's own.
        payees: key of the payee by (payer, receiver), once it was added.
        closed: those whose account the bank closed.
    """

    terms: LaunderingPattern
    habits: Habits
    accounts: Accounts
    devices: list[int | None]
    payees: dict[tuple[int, int], int] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.accounts)


def recruit(scene: Scene, terms: LaunderingPattern, count: int) -> Circle:
    """Recruit up to ``count`` customers; some hand their login over to the ring."""
    habits = draw_habits(scene)
    accounts = scene.accounts(count, via="recruitment")
    handed_over = scene.rng.random(len(accounts)) < terms.handed_over_share
    shared = scene.ring_device() if handed_over.any() else None
    return Circle(terms, habits, accounts, [shared if over else None for over in handed_over])


def introduce(scene: Scene, circle: Circle, hops: Sequence[Hop]) -> Step[None]:
    """Add payees days ahead, so that no payment goes to one that is new: the careful do."""
    pairs = list(dict.fromkeys(pair for hop in hops for pair in hop))
    ahead = scene.rng.random(len(pairs)) < circle.habits.care
    for pair, early in zip(pairs, ahead.tolist(), strict=True):
        if early and pair not in circle.payees:
            _wait_awake(scene, circle.habits, scene.now_us)
            yield _log_in(scene, circle, pair[0]) + _add_payee(scene, circle, pair)
    if ahead.any():
        scene.wait(days=float(scene.rng.exponential(_INTRODUCED_DAYS)))


# ---- the money ------------------------------------------------------------------------------


class Deposit(NamedTuple):
    """A sum that comes from outside.

    Attributes:
        account: on which account, a position in the circle.
        due_us: when, epoch microseconds UTC.
        amount_minor: how much, minor units.
    """

    account: int
    due_us: int
    amount_minor: int


def sum_to_launder(scene: Scene, circle: Circle) -> int:
    """Draw what comes from outside in all, minor units."""
    return int(circle.terms.median_minor * circle.habits.greed * scene.rng.lognormal(0, 0.6))


def launder(
    scene: Scene,
    circle: Circle,
    *,
    entries: Sequence[int],
    hops: Sequence[Hop],
) -> Step[None]:
    """Let money come in on the accounts ``entries``, then move it along the hops and out.

    Args:
        scene: the campaign's scene.
        circle: the people.
        entries: positions of those who get money from outside.
        hops: who pays whom, hop after hop.
    """
    yield from introduce(scene, circle, hops)
    # a scheme is as wide as its sum is large, or its payments would be pennies
    widest = max(len(hop) for hop in hops)
    total = round(sum_to_launder(scene, circle) * max(widest / _USUAL_PAIRS, 1.0) ** 0.5)
    yield from move(
        scene,
        circle,
        deposits=_arrivals(scene, circle, entries, total),
        hops=hops,
    )


def _arrivals(
    scene: Scene, circle: Circle, entries: Sequence[int], total_minor: int
) -> list[Deposit]:
    """Deal a sum out to accounts: on each one to three sums within hours, as whole units mostly."""
    rng, deposits = scene.rng, []
    for account, share in zip(entries, _shares(scene, len(entries)), strict=True):
        parts = int(rng.choice([1, 2, 3], p=[0.6, 0.25, 0.15]))
        due_us = scene.now_us + _us(24 * rng.exponential(_ARRIVAL_DAYS) * circle.habits.patience)
        for part in total_minor * share * _shares(scene, parts):
            # scams are paid in whole sums, wages and refunds are not
            amount = round(part / 100) * 100 if rng.random() < 0.7 else round(part)
            deposits.append(Deposit(account, due_us, max(amount, 100)))
            due_us += _us(rng.exponential(4.0))
    return deposits


@dataclass(order=True)
class _Payment:
    """A sum that is due, with the parts of it that follow."""

    due_us: int
    number: int  # first made, first paid
    hop: int = field(compare=False)
    payer: int = field(compare=False)
    receiver: int = field(compare=False)
    parts_minor: list[int] = field(compare=False)
    in_notes: bool = field(default=False, compare=False)


@dataclass
class _Flow:
    """Where the money of a campaign stands.

    Attributes:
        hops: who pays whom.
        came: what has come on an account for it to pay on in a hop, minor units.
        awaited: payments to an account, before a hop of its own, that are still to come or fail.
        due: a heap of what is to be paid.
        made: payments made so far.
    """

    hops: Sequence[Hop]
    came: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    awaited: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    due: list[_Payment] = field(default_factory=list)
    made: int = 0

    def receivers(self, account: int, hop: int) -> list[int]:
        """Return whom an account pays in a hop; what it does not pass on leaves the circle."""
        pairs = self.hops[hop] if hop < len(self.hops) else ()
        return [to for payer, to in pairs if payer == account] or [OUTSIDE]

    def add(
        self,
        due_us: int,
        *,
        hop: int,
        payer: int,
        receiver: int,
        parts_minor: list[int],
        in_notes: bool = False,
    ) -> None:
        """Let a sum be due."""
        heappush(self.due, _Payment(due_us, self.made, hop, payer, receiver, parts_minor, in_notes))
        self.made += 1

    def settle(self, receiver: int, hop: int) -> list[tuple[int, int]]:
        """Note that a payment of a hop is over; return who now has all they await, and for when.

        Who gets nothing at all pays nothing, so that those after them wait for one payment less.
        """
        if receiver == OUTSIDE:
            return []
        at = (receiver, hop + 1)
        self.awaited[at] -= 1
        if self.awaited[at]:
            return []
        if self.came[at]:
            return [at]
        return [ready for to in self.receivers(*at) for ready in self.settle(to, hop + 1)]


def move(
    scene: Scene,
    circle: Circle,
    *,
    deposits: Sequence[Deposit],
    hops: Sequence[Hop],
) -> Step[None]:
    """Let deposits come, then move the money along the hops and out of the circle.

    A refused transfer ends its branch; an account that is closed pays nothing more.
    """
    flow = _expect(deposits, hops)
    while flow.due:
        payment = heappop(flow.due)
        came_minor = 0
        if payment.payer not in circle.closed:
            _wait_awake(scene, circle.habits, payment.due_us)
            answer = yield _pay(scene, circle, payment)
            came_minor = answer.taken_minor
            if answer.response_code[-1] == "62":
                circle.closed.add(payment.payer)
        flow.came[payment.receiver, payment.hop + 1] += came_minor
        if came_minor and len(payment.parts_minor) > 1:
            _pay_the_rest_later(scene, circle, flow, payment)
            continue
        for account, hop in flow.settle(payment.receiver, payment.hop):
            _pass_on(scene, circle, flow, account, hop)


def _expect(deposits: Sequence[Deposit], hops: Sequence[Hop]) -> _Flow:
    """Let the deposits be due, and note how many payments each account awaits."""
    flow = _Flow(hops)
    for account, due_us, amount_minor in deposits:
        flow.add(due_us, hop=-1, payer=OUTSIDE, receiver=account, parts_minor=[amount_minor])
        flow.awaited[account, 0] += 1
    for hop, pairs in enumerate(hops):
        for _, receiver in pairs:
            flow.awaited[receiver, hop + 1] += 1
    return flow


def _pay_the_rest_later(scene: Scene, circle: Circle, flow: _Flow, payment: _Payment) -> None:
    """Let the parts that follow be due: notes on another day, transfers on the same one."""
    hours = _NOTES_HOURS if payment.in_notes else _GAP_HOURS
    flow.add(
        scene.now_us + _us(hours * scene.rng.lognormal(0, 0.5) * circle.habits.patience),
        hop=payment.hop,
        payer=payment.payer,
        receiver=payment.receiver,
        parts_minor=payment.parts_minor[1:],
        in_notes=payment.in_notes,
    )


def _pass_on(
    scene: Scene,
    circle: Circle,
    flow: _Flow,
    account: int,
    hop: int,
) -> None:
    """Keep a share of what came on an account, and let the rest be due to the next ones."""
    kept = scene.rng.uniform(circle.terms.least_kept, circle.terms.most_kept)
    out_minor = int(flow.came[account, hop] * (1 - kept))
    receivers = flow.receivers(account, hop)
    carry = 0.0  # what rounding left over of one sum goes into the next
    for receiver, share in zip(receivers, _shares(scene, len(receivers)), strict=True):
        parts, carry = _in_parts(scene, circle.terms, out_minor * share + carry)
        notes: list[int] = []
        if receiver == OUTSIDE and scene.rng.random() < circle.terms.cash_share:
            notes = _notes(scene, circle, account, out_minor)
        delay_hours = scene.rng.lognormal(
            np.log(circle.terms.delay_hours), circle.terms.delay_log_sd
        )
        flow.add(
            scene.now_us + _us(delay_hours * circle.habits.patience),
            hop=hop,
            payer=account,
            receiver=receiver,
            parts_minor=notes or parts,
            in_notes=bool(notes),
        )


def _in_parts(
    scene: Scene, terms: LaunderingPattern, amount_minor: float
) -> tuple[list[int], float]:
    """Return the parts in which a sum is paid, rounded down, and what rounding left over."""
    count = int(scene.rng.integers(2, 4)) if scene.rng.random() < terms.split_share else 1
    parts, carry = [], 0.0
    for share in _shares(scene, count):
        wanted = amount_minor * share + carry
        parts.append(int(rounded(scene, np.array([int(wanted)]))[0]))
        carry = max(wanted - parts[-1], 0.0)
    return parts, carry


def _notes(scene: Scene, circle: Circle, account: int, most_minor: int) -> list[int]:
    """Return sums to withdraw on some days; none where no machine is near or the sum is small."""
    if not len(scene.shops("cash", 1, city=int(circle.accounts.city[account]))):
        return []
    drawn = in_notes(scene, _MOST_NOTES, times=5.0)
    return [int(amount_minor) for amount_minor in drawn[np.cumsum(drawn) <= most_minor]]


def _shares(scene: Scene, count: int) -> Floats:
    """Return uneven shares that sum to one, shape (count,)."""
    shares: Floats = scene.rng.dirichlet(np.full(count, 6.0))
    return shares


# ---- what is done ---------------------------------------------------------------------------


def _pay(scene: Scene, circle: Circle, payment: _Payment) -> Attempts:
    """Let the first part of a payment be made; its answer comes last."""
    if payment.payer == OUTSIDE:
        return scene.receive(
            circle.accounts[payment.receiver : payment.receiver + 1],
            amount_minor=payment.parts_minor[0],
            after_s=float(scene.rng.exponential(900)),
            stage=STAGES[0],
        )
    if payment.in_notes:
        return _withdraw(scene, circle, payment)
    return _send(scene, circle, payment)


def _send(scene: Scene, circle: Circle, payment: _Payment) -> Attempts:
    """Log in, add the payee if it is new, and transfer."""
    pair = (payment.payer, payment.receiver)
    action = _log_in(scene, circle, payment.payer)
    if pair not in circle.payees:
        action += _add_payee(scene, circle, pair)
    return action + scene.transfer(
        _one(circle, payment.payer),
        to=circle.payees[pair],
        amount_minor=payment.parts_minor[0],
        after_s=float(scene.rng.uniform(*_TRANSFER_S)),
        stage=STAGES[2] if payment.receiver == OUTSIDE else STAGES[1],
        device=circle.devices[payment.payer],
        ip_country=_address(circle, payment.payer),
        case="mule_account",
    )


def _withdraw(scene: Scene, circle: Circle, payment: _Payment) -> Attempts:
    """Take notes with the own card near home."""
    person = _one(circle, payment.payer)
    return scene.withdraw(
        scene.cards_of(person, "debit"),
        at=scene.shops("cash", 1, city=int(person.city[0])),
        amount_minor=payment.parts_minor[0],
        after_s=float(scene.rng.lognormal(6.0, 0.8)),  # some minutes to the machine (assumption)
        stage=STAGES[2],
        entry="chip",
        case="mule_account",
    )


def _log_in(scene: Scene, circle: Circle, account: int) -> Attempts:
    return scene.log_in(
        _one(circle, account),
        after_s=float(scene.rng.uniform(*_LOGIN_S)),
        device=circle.devices[account],
        ip_country=_address(circle, account),
    )


def _add_payee(scene: Scene, circle: Circle, pair: tuple[int, int]) -> Attempts:
    """Add a payee that nobody else pays to, as honest people's are; beyond the circle, a mule's."""
    payer, receiver = pair
    if receiver == OUTSIDE:
        circle.payees[pair] = scene.ring_payee()
    else:
        circle.payees[pair] = scene.payee(owner=int(circle.accounts.customer[receiver]))
    return scene.add_payee(
        _one(circle, payer),
        payee=circle.payees[pair],
        after_s=float(scene.rng.uniform(*_PAYEE_S)),
        device=circle.devices[payer],
        ip_country=_address(circle, payer),
    )


def _one(circle: Circle, account: int) -> Accounts:
    """Return one account of the circle, shape (1,)."""
    return circle.accounts[account : account + 1]


def _address(circle: Circle, account: int) -> str | None:
    """Return the country of the internet address: the ring's where the login was handed over."""
    return None if circle.devices[account] is None else circle.habits.ip_country


def _wait_awake(scene: Scene, habits: Habits, until_us: int) -> None:
    """Wait until a time, and on to the morning where it lies in the night and they sleep."""
    scene.wait(hours=max(until_us - scene.now_us, 0) / 3.6e9)
    if scene.local_hour < _NIGHT_HOURS and scene.rng.random() >= habits.night:
        scene.wait_until_hour(float(scene.rng.uniform(_NIGHT_HOURS + 1, _NIGHT_HOURS + 5)))


def _us(hours: float) -> int:
    """Return hours as microseconds."""
    return round(hours * 3.6e9)
