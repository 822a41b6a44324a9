"""What rows look like, whatever they mean: none of a campaign may be of a form that betrays it.

``strange`` looks at what a campaign handed to the bank, before any answer, and says what no honest
row of the same kind and channel looks like. tests/attacks/test_form.py holds ``FORMS`` to the
honest rows of a world.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from fraudsim import rows as codes
from fraudsim.schema import CHANNELS, CVV_RESULTS, ENTRY_MODES, EVENT_TYPES, TX_TYPES
from fraudsim.world.merchants import CASH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from fraudsim.attacks.kit.nouns import Bools
    from fraudsim.attacks.kit.rehearsal import Rehearsal
    from fraudsim.world.world import World

FEW = 30
"""Rows below which nothing is said of how digits spread."""

MOST_OF_AN_ENDING = 0.6
"""Largest share of one ending of amounts, other than whole units (in honest life .99 has .19)."""

MOST_OF_A_SECOND = 0.25
"""Largest share of one second of the minute; an even spread has .017."""

_STREET, _WEB, _CASH = "a shop in the street", "a web shop", "a cash machine"


@dataclass(frozen=True)
class Form:
    """What honest rows of one kind and channel look like.

    Attributes:
        filled: fields that always hold something; the others of ``FIELDS`` never do.
        at: what kind of merchant takes part.
        read: how the card is read, and what that says of the verification value.
        whole: whether amounts are whole units without exception.
    """

    filled: frozenset[str] = frozenset()
    at: str = ""
    read: Mapping[int, tuple[int, ...]] = field(
        default_factory=lambda: {codes.NO_ENTRY: (codes.CVV_NOT_PROVIDED,)}
    )
    whole: bool = False


_ONLINE = frozenset({"device", "ip_country"})
_SHOP = frozenset({"merchant", "terminal"})
_UNASKED = (codes.CVV_NOT_PROVIDED,)
_TILL = dict.fromkeys((codes.CHIP, codes.CONTACTLESS, codes.MAGSTRIPE, codes.FALLBACK), _UNASKED)
_MACHINE = dict.fromkeys((codes.CHIP, codes.MAGSTRIPE, codes.FALLBACK), _UNASKED)
_TYPED = {codes.WEB: (codes.CVV_MATCH, codes.CVV_NO_MATCH), codes.STORED: _UNASKED}

FORMS: Mapping[tuple[int, int], Form] = {
    (codes.PURCHASE, codes.POS): Form(_SHOP, _STREET, _TILL),
    (codes.PURCHASE, codes.ECOM): Form(_SHOP | _ONLINE, _WEB, _TYPED),
    (codes.PURCHASE, codes.RECURRING): Form(_SHOP, _WEB, {codes.STORED: _UNASKED}),
    (codes.WITHDRAWAL, codes.ATM): Form(_SHOP, _CASH, _MACHINE, whole=True),
    (codes.REFUND, codes.POS): Form(_SHOP, _STREET),
    (codes.REFUND, codes.ECOM): Form(_SHOP, _WEB),
    (codes.TRANSFER, codes.ONLINE_BANKING): Form(_ONLINE | {"payee"}),
    (codes.TRANSFER, codes.BATCH): Form(frozenset({"payee"}), whole=True),
    (codes.DEPOSIT, codes.BATCH): Form(),
    (codes.REPAYMENT, codes.BATCH): Form(),
    # a deposit taken back, as agents/customers/cheques.py has them; honest bills name a merchant
    (codes.BILL, codes.BATCH): Form(),
    (codes.PAYEE_ADDED, codes.ONLINE_BANKING): Form(_ONLINE | {"payee"}),
    **{
        (kind, codes.ONLINE_BANKING): Form(_ONLINE)
        for kind in (
            *(codes.LOGIN, codes.LOGIN_FAILED, codes.PASSWORD_RESET, codes.DEVICE_ENROLLED),
            *(codes.CONTACT_CHANGED, codes.ACCOUNT_OPENED),
        )
    },
}
"""Form of every kind and channel that a fraudster can take part in."""

FIELDS: Mapping[str, tuple[Callable[[np.ndarray], Bools], str]] = {
    "device": (
        lambda rows: rows["device"] != 0,
        "device=scene.device() or scene.usual_devices(cards)",
    ),
    "ip_country": (lambda rows: rows["ip_country"] >= 0, "ip_country=habits.ip_country"),
    "merchant": (lambda rows: rows["merchant"] >= 0, "at= one of scene.shops(...)"),
    "terminal": (lambda rows: rows["terminal"] >= 0, "what scene.charge returns, as it is"),
    "payee": (lambda rows: rows["payee"] != 0, "to=scene.payee()"),
}
"""Fields that may be empty: whether they hold something, and what fills them."""


def strange(played: Sequence[Rehearsal], world: World) -> Iterator[str]:
    """Yield what gives the campaigns away, each with what to change.

    Args:
        played: rehearsals of one pattern, with starts that differ to the second.
        world: the world of the rehearsals.
    """
    rows = np.concatenate([run.rows for run in played])
    yield from _of_unknown_form(rows)
    for (kind, channel), form in FORMS.items():
        some = rows[(rows["kind"] == kind) & (rows["channel"] == channel)]
        if len(some):
            what = _named(kind, channel)
            yield from _wrongly_filled(some, form, what)
            yield from _wrongly_read(some, form, what)
            yield from _at_the_wrong_place(some, form, what, world)
            yield from _of_one_ending(some, form, what)
    for run in played:
        yield from _with_keys_of_nobody(run)
    yield from _at_one_moment(rows)


def _named(kind: int, channel: int) -> str:
    """Return how the tables call such rows.

    >>> _named(codes.PURCHASE, codes.ECOM), _named(codes.LOGIN, codes.ONLINE_BANKING)
    ('purchase/ecom', 'login')
    """
    if kind >= codes.FIRST_EVENT:
        return EVENT_TYPES[kind - codes.FIRST_EVENT]
    name = TX_TYPES[kind] if kind < len(TX_TYPES) else f"kind {kind}"
    return f"{name}/{CHANNELS[channel]}"


def _of_unknown_form(rows: np.ndarray) -> Iterator[str]:
    for kind, channel in np.unique(rows[["kind", "channel"]]).tolist():
        if (kind, channel) not in FORMS:
            yield (
                f"makes rows of {_named(kind, channel)}, which honest life has none of; yield what "
                "a verb of the scene returns, as it is"
            )


def _wrongly_filled(rows: np.ndarray, form: Form, what: str) -> Iterator[str]:
    for name, (holds, filling) in FIELDS.items():
        held = holds(rows)
        if name in form.filled and not held.all():
            yield (
                f"leaves {name} empty in {(~held).sum()} of {len(rows)} rows of {what}, where "
                f"honest rows hold one; give {filling}"
            )
        elif name not in form.filled and held.any():
            yield (
                f"fills {name} in {held.sum()} of {len(rows)} rows of {what}, where honest rows "
                "leave it empty; leave it out"
            )


def _wrongly_read(rows: np.ndarray, form: Form, what: str) -> Iterator[str]:
    for entry, cvv in np.unique(rows[["entry", "cvv"]]).tolist():
        if entry not in form.read:
            known = ", ".join(ENTRY_MODES[one] for one in form.read)
            yield f"reads a card by {ENTRY_MODES[entry]} in {what}; there it is one of: {known}"
        elif cvv not in form.read[entry]:
            known = " or ".join(CVV_RESULTS[one] for one in form.read[entry])
            yield (
                f"has cvv {CVV_RESULTS[cvv]} with {ENTRY_MODES[entry]} in {what}, where it is "
                f"{known}; give cvv= accordingly"
            )


def _at_the_wrong_place(rows: np.ndarray, form: Form, what: str, world: World) -> Iterator[str]:
    """Say where a till stands in a web shop, or the other way round."""
    if not form.at:
        return
    at = rows["merchant"][rows["merchant"] >= 0]
    online = world.merchants.online[at]
    is_cash = world.merchants.category[at] == world.categories.names.index(CASH)
    fits = {_WEB: online, _CASH: is_cash, _STREET: ~online & ~is_cash}[form.at]
    if not fits.all():
        yield (
            f"has {(~fits).sum()} of {len(rows)} rows of {what} at a merchant that is not "
            f"{form.at}; choose entry= and at= that go together"
        )


def _of_one_ending(rows: np.ndarray, form: Form, what: str) -> Iterator[str]:
    """Say where amounts end alike, or are no whole units where honest ones are."""
    if rows["kind"][0] >= codes.FIRST_EVENT:
        return
    endings = rows["amount_minor"] % 100
    if form.whole and endings.any():
        yield (
            f"has amounts of {what} that are no whole units, where honest ones are; use "
            "in_notes(scene, ...) for cash and rounded(scene, ...) for orders"
        )
    (ending, count), *_ = Counter(endings.tolist()).most_common(1)
    if len(rows) >= FEW and ending != 0 and count > MOST_OF_AN_ENDING * len(rows):
        yield (
            f"ends {count} of {len(rows)} amounts of {what} with .{ending:02d}; draw them with "
            "scene.price(...), or round with rounded(scene, ...)"
        )


def _with_keys_of_nobody(run: Rehearsal) -> Iterator[str]:
    """Say which devices and payees the scene never handed out."""
    rows = run.rows
    devices = rows["device"][rows["device"] != 0]
    foreign = devices[~np.isin(devices, list(run.devices))]
    if len(foreign):
        yield (
            f"uses the device {foreign[0]}, which is neither a victim's nor the campaign's; take "
            "keys from scene.device(), scene.ring_device(), scene.usual_devices(cards) or "
            "accounts.device"
        )
    payees = rows["payee"][rows["payee"] != 0]
    foreign = payees[~np.isin(payees, list(run.payees))]
    if len(foreign):
        yield (
            f"pays to the payee {foreign[0]}, which nobody made; take keys from scene.payee() or "
            "scene.ring_payee()"
        )


def _at_one_moment(rows: np.ndarray) -> Iterator[str]:
    """Say where the clock's hands give rows away."""
    if len(rows) < FEW:
        return
    second = np.bincount(rows["time_us"] // 1_000_000 % 60, minlength=60)
    if second.max() > MOST_OF_A_SECOND * len(rows):
        yield (
            f"acts at second {second.argmax()} of the minute in {second.max()} of {len(rows)} "
            "rows; draw after_s with scene.pace(...), and hours with a fraction"
        )
    micros = Counter((rows["time_us"] % 1_000_000).tolist()).most_common(1)[0][1]
    if micros > max(0.1 * len(rows), 3):
        yield (
            f"has the same microsecond in {micros} of {len(rows)} rows; leave the times as the "
            "verbs of the scene made them"
        )
