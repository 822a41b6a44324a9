"""What the form of a playbook cannot say: names that must exist, and loops that must end."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from fraudsim.attacks.kit.pattern import AttackPattern
from fraudsim.attacks.kit.playbook.form import (
    AtPlace,
    Banking,
    Booked,
    ChangePayee,
    Charge,
    EnrolWallet,
    FailedLogIn,
    Leave,
    PassOn,
    Payment,
    Persuade,
    Playbook,
    Refund,
    Step,
    Transfer,
    Withdraw,
)
from fraudsim.errors import nearest
from fraudsim.world.categories import category_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

Nonsense = tuple[tuple[str, ...], str]
"""The path in the file, and what is wrong there."""

END = "end"
"""Where a jump goes that ends the story of a hand."""
HABITS = ("patience", "greed", "care", "craft", "night")
PER_VICTIM = ("balance", "credit_room", "income")
SO_FAR = ("victims", "last", "last_refused", "taken", "refusals")
LIVE = (*HABITS, *PER_VICTIM, *SO_FAR)
"""Names that every playbook knows: habits, what the victims have, what has come so far."""


_OURS = ("playbook", "playbook_file")
"""What a pattern made of a playbook has besides."""


def first_nonsense(playbook: Playbook, content: Any) -> Nonsense | None:
    """Return the first thing in a playbook that means nothing, or None."""
    checks = (_parameters, _draws, _victims, _places, _payees, _steps, _jumps)
    found = itertools.chain.from_iterable(check(playbook) for check in checks)
    return next(itertools.chain(found, _names(playbook, content), _prices(content)), None)


def stages_of(playbook: Playbook) -> tuple[str, ...]:
    """Return the stages of the payments, in the order of the steps."""
    named = (stage_of(name, step) for name, step in playbook.steps.items())
    return tuple(dict.fromkeys(stage for stage in named if stage))


def stage_of(name: str, step: Step) -> str:
    """Return the stage of a step, empty for one that moves no money."""
    return (step.stage or name) if isinstance(step, Payment | Refund | PassOn) else ""


# ---- each finds what means nothing -----------------------------------------------------------


def _parameters(playbook: Playbook) -> Iterator[Nonsense]:
    for name, one in playbook.parameters.items():
        path = ("parameters", name)
        if hasattr(AttackPattern, name) or name in (*AttackPattern.__annotations__, *_OURS):
            yield path, f"the name '{name}' is taken; choose another"
        if name in LIVE:
            yield path, f"every playbook knows ${name} already; choose another name"
        if not one.least <= one.default <= one.most:
            yield (
                (*path, "default"),
                f"{one.default:g} is not from least ({one.least:g}) to most ({one.most:g})",
            )


def _draws(playbook: Playbook) -> Iterator[Nonsense]:
    for name in playbook.draws:
        if name in LIVE or name in playbook.parameters:
            kind = "a parameter" if name in playbook.parameters else "known to every playbook"
            yield ("draws", name), f"${name} is {kind} already; choose another name"
    for name, step in playbook.steps.items():
        for key in ("set", "after"):
            for changed in getattr(step, key):
                if changed not in playbook.draws:
                    near = nearest(changed, playbook.draws) if playbook.draws else ""
                    yield (
                        ("steps", name, key, changed),
                        f"'{changed}' is not among 'draws'; give its first value there{near}",
                    )


def _victims(playbook: Playbook) -> Iterator[Nonsense]:
    victims = playbook.victims
    kinds = [kind for kind in ("cards", "accounts", "applicants") if getattr(victims, kind)]
    if len(kinds) != 1:
        got = " and ".join(kinds) or "none"
        yield ("victims",), f"should have one of cards, accounts, applicants; has {got}"
        return
    sources = VIA[kinds[0]]
    if victims.via not in sources:
        yield (
            ("victims", "via"),
            f"{kinds[0]} do not come via {victims.via}{nearest(victims.via, sources)}",
        )
    opens = any(getattr(step, "do", "") == "open_account" for step in playbook.steps.values())
    if opens != (kinds == ["applicants"]):
        yield (
            ("steps",),
            "who is no customer yet opens an account first (do: open_account), and nobody else",
        )
    if victims.breach and kinds != ["cards"]:
        yield ("victims", "breach"), f"a breach gives cards, not {kinds[0]}"


VIA = {
    "cards": (
        *("breach", "phishing", "skimming", "theft", "purchase"),
        *("malware", "mail_theft", "ring"),
    ),
    "accounts": (
        *("phishing", "malware", "breach", "purchase", "stuffing"),
        *("sim_swap", "persuasion", "recruitment", "own"),
    ),
    "applicants": ("application",),
}
"""Kind of victim -> how it is come by."""


def _places(playbook: Playbook) -> Iterator[Nonsense]:
    known = category_columns().names
    for name, place in playbook.places.items():
        path = ("places", name)
        if not (place.web or place.street or place.cash_machines):
            yield path, "is nowhere: give web, street or cash_machines"
        if place.cash_machines and (place.web or place.street):
            yield path, "cash machines and shops are two places; name each"
        for key in ("web", "street"):
            for category in getattr(place, key) or ():
                if category not in known:
                    yield (
                        (*path, key, category),
                        f"unknown merchant category{nearest(category, known)}",
                    )
        if place.holders_share != 0 and not place.web:
            yield (*path, "holders_share"), "is of web shops: give web"
    breach = playbook.victims.breach
    if breach and breach.at not in playbook.places:
        yield ("victims", "breach", "at"), _unknown("place", breach.at, playbook.places)


def _payees(playbook: Playbook) -> Iterator[Nonsense]:
    for name, payee in playbook.payees.items():
        if payee.ring and payee.abroad_share != 0:
            yield ("payees", name, "abroad_share"), "accounts of a ring are in the home country"
    for name, step in playbook.steps.items():
        if not isinstance(step, PassOn):
            continue
        path = ("steps", name, "of")
        if step.of not in playbook.payees:
            yield path, _unknown("payee", step.of, playbook.payees)
        elif playbook.payees[step.of].on_us_share == 0:
            yield path, f"nobody here receives for '{step.of}': give it an on_us_share"


def _steps(playbook: Playbook) -> Iterator[Nonsense]:
    if END in playbook.steps:
        yield ("steps", END), f"'{END}' ends the story; give the step another name"
    if not stages_of(playbook):
        yield ("steps",), "no step moves money: add one that does (do: charge, transfer, ...)"
    for name, step in playbook.steps.items():
        for key, known in (("at", playbook.places), ("to", playbook.payees)):
            given = getattr(step, key, None)
            if given is not None and given not in known:
                what = "place" if key == "at" else "payee"
                yield ("steps", name, key), _unknown(what, given, known)
        if isinstance(step, ChangePayee) and step.payee not in playbook.payees:
            yield ("steps", name, "payee"), _unknown("payee", step.payee, playbook.payees)
        yield from _fits_victims(playbook, name, step)
        if isinstance(step, AtPlace):
            yield from _fits_place(playbook, name, step)


def _fits_victims(playbook: Playbook, name: str, step: Step) -> Iterator[Nonsense]:
    victims, path = playbook.victims, ("steps", name, "do")
    needs_accounts = isinstance(step, Banking | FailedLogIn | Transfer | Persuade | Booked)
    if victims.cards is not None and needs_accounts:
        yield path, f"{_verb(step)} needs accounts, and the victims are cards"
    if victims.cards is None and isinstance(step, Leave):
        yield path, "leave needs cards: a ring leaves cards to its others, not customers"
    needs_cards = isinstance(step, Charge | Withdraw | Refund | EnrolWallet)
    theirs = victims.via in ("own", "recruitment", "application")
    if victims.cards is None and needs_cards and not theirs:
        yield (
            path,
            f"{_verb(step)} needs cards; who gets at accounts via {victims.via} has none",
        )


def _verb(step: Step) -> str:
    return str(getattr(step, "do", "nothing"))


def _fits_place(playbook: Playbook, name: str, step: AtPlace) -> Iterator[Nonsense]:
    place = playbook.places.get(step.at)
    if place is None:
        return
    if isinstance(step, Withdraw) != place.cash_machines:
        right = "with cash_machines: true" if isinstance(step, Withdraw) else "with shops"
        yield ("steps", name, "at"), f"{_verb(step)} needs a place {right}"
    if isinstance(step, Charge) and step.entry != "by_place":
        online = step.entry in ("ecom", "stored_credential")
        if (online and place.street) or (not online and place.web):
            where = "web shops" if online else "shops in the street"
            yield ("steps", name, "entry"), f"{step.entry} is for {where}; '{step.at}' has others"


def _jumps(playbook: Playbook) -> Iterator[Nonsense]:
    order = {name: index for index, name in enumerate(playbook.steps)}
    for name, step in playbook.steps.items():
        for index, jump in enumerate(step.then):
            path = ("steps", name, "then", str(index))
            if jump.go == END:
                continue
            if jump.go not in order:
                yield (*path, "go"), _unknown("step", jump.go, [*order, END])
            elif order[jump.go] <= order[name] and jump.most is None:
                yield path, f"goes back to '{jump.go}': say how often at most (most: 5)"


def _names(playbook: Playbook, content: Any) -> Iterator[Nonsense]:
    """Find every ``$name`` that nobody knows."""
    known = {*LIVE, *playbook.parameters}
    for name in playbook.draws:  # one after the other: each knows those above it
        for path, text in _texts(content["draws"][name], ("draws", name)):
            if text.startswith("$") and text[1:] not in known:
                yield path, f"nobody knows {text} yet{nearest(text[1:], known)}"
        known.add(name)
    for part in ("victims", "places", "payees", "device", "steps"):
        for path, text in _texts(content.get(part), (part,)):
            if text.startswith("$") and text[1:] not in known:
                yield path, f"nobody knows {text}{nearest(text[1:], known)}"


def _prices(content: Any) -> Iterator[Nonsense]:
    """A price needs a shop: it stands in the amount of a charge."""
    for path, key in _keys(content, ()):
        if key != "price" or path[-2] in _NAMED:
            continue
        in_amount = path[0] == "steps" and len(path) > 3 and path[2] == "amount_minor"
        verb = content["steps"][path[1]].get("do") if in_amount else ""
        if verb != "charge":
            yield path, "there is a price only in the amount_minor of a charge"


_NAMED = ("parameters", "draws", "places", "payees", "steps", "set", "after")
"""Keys below which the keys are names."""


def _keys(content: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for inner, key, _ in _walk(content, path):
        yield inner, key


def _texts(content: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(content, str):
        yield path, content
    for inner, _, value in _walk(content, path):
        if isinstance(value, str):
            yield inner, value


def _walk(content: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Yield path, key and value of everything below, in order."""
    items: list[tuple[str, Any]] = []
    if isinstance(content, dict):
        items = list(content.items())
    elif isinstance(content, list):
        items = [(str(index), value) for index, value in enumerate(content)]
    for key, value in items:
        yield (*path, key), key, value
        yield from _walk(value, (*path, key))


def _unknown(what: str, given: str, known: Any) -> str:
    return f"unknown {what} '{given}'{nearest(given, known) if known else f'; there is no {what}'}"
