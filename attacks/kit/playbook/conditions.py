"""When a playbook takes a turn: words about the bank's last answer, comparisons and chances."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema
from typing_extensions import TypeAliasType

from fraudsim.attacks.kit.habits import ASKED_FOR_MORE, CARD_IS_BURNT
from fraudsim.attacks.kit.playbook.numbers import MOST_PARTS, Ask, Few, Form, Number, one
from fraudsim.errors import nearest
from fraudsim.schema import RESPONSE_CODES

if TYPE_CHECKING:
    from fraudsim.attacks.kit.nouns import Outcomes

Word = Literal[
    "approved", "all_approved", "refused", "any_refused", "burnt", "asked_for_more", "own_device"
]
WORDS: dict[str, str] = {
    "approved": "one attempt at least was approved",
    "all_approved": "every attempt was approved",
    "refused": "no attempt was approved",
    "any_refused": "one attempt at least was refused",
    "burnt": "an answer said that the card or account is of no more use",
    "asked_for_more": "an answer asked for proof, or suspects fraud",
    "own_device": "this hand is worked from the fraudster's own device",
}
"""Word -> what it says of the last deed that the bank answered."""


class AskMore(Ask, Protocol):
    """Who knows what a condition depends on besides numbers."""

    answer: Outcomes | None

    @property
    def on_own_device(self) -> bool:
        """Whether the hand is worked from a device of the fraudster."""


class Said(Form, ABC):
    """A mapping of one key: the kind of condition."""

    @abstractmethod
    def holds(self, ask: AskMore) -> bool:
        """Return whether it holds now."""


def _listed(codes: Any) -> Any:
    """Return one code or many as a list of two digits; 51 is read as a number, 05 as text."""
    many = codes if isinstance(codes, list | tuple) else [codes]
    return tuple(f"{c:02d}" if type(c) is int else c for c in many)


def _known(codes: tuple[str, ...]) -> tuple[str, ...]:
    for code in codes:
        if code not in RESPONSE_CODES:
            raise ValueError(f"unknown response code '{code}'{nearest(code, RESPONSE_CODES)}")
    return codes


_ONE_CODE: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "enum": list(RESPONSE_CODES)},
        {"type": "integer", "minimum": 0, "maximum": 99},
    ]
}
_CODES_SCHEMA = {
    "anyOf": [
        *_ONE_CODE["anyOf"],
        {"type": "array", "items": _ONE_CODE, "minItems": 1, "maxItems": MOST_PARTS},
    ]
}
Codes = Annotated[
    Few[str],
    BeforeValidator(_listed),
    AfterValidator(_known),
    WithJsonSchema(_CODES_SCHEMA),
]


class Code(Said):
    """An answer has this response code, or one of these."""

    code: Codes

    def holds(self, ask: AskMore) -> bool:
        """Return whether it holds now."""
        return _has_code(ask.answer, self.code)


class Chance(Said):
    """As often as this, 0 to 1."""

    chance: Number

    def holds(self, ask: AskMore) -> bool:
        """Return whether it holds now."""
        return bool(ask.rng.random() < one(self.chance, ask))


class Below(Said):
    """The first number is below the second."""

    below: tuple[Number, Number]

    def holds(self, ask: AskMore) -> bool:
        """Return whether it holds now."""
        return one(self.below[0], ask) < one(self.below[1], ask)


class AtLeast(Said):
    """The first number is the second or more."""

    at_least: tuple[Number, Number]

    def holds(self, ask: AskMore) -> bool:
        """Return whether it holds now."""
        return one(self.at_least[0], ask) >= one(self.at_least[1], ask)


class Not(Said):
    """The opposite."""

    no: Condition = Field(alias="not")

    def holds(self, ask: AskMore) -> bool:
        """Return whether it holds now."""
        return not holds(self.no, ask)


class AllOf(Said):
    """Every one of these."""

    all_of: Few[Condition]

    def holds(self, ask: AskMore) -> bool:
        """Return whether it holds now."""
        return all(holds(part, ask) for part in self.all_of)


class AnyOf(Said):
    """One of these at least."""

    any_of: Few[Condition]

    def holds(self, ask: AskMore) -> bool:
        """Return whether it holds now."""
        return any(holds(part, ask) for part in self.any_of)


SAID: dict[str, type[Said]] = {
    "code": Code,
    "chance": Chance,
    "below": Below,
    "at_least": AtLeast,
    "not": Not,
    "all_of": AllOf,
    "any_of": AnyOf,
}
"""Key -> the kind of condition that it makes."""


def condition_kind(given: Any) -> str | None:
    """Return the tag of what stands where a condition should, None for what is none."""
    if isinstance(given, str):
        return "<word>" if given in WORDS else None
    keys = list(given) if isinstance(given, dict) else []
    return f"<{keys[0]}>" if len(keys) == 1 and keys[0] in SAID else None


Condition = TypeAliasType(
    "Condition",
    Annotated[
        Annotated[Word, Tag("<word>")]
        | Annotated[Code, Tag("<code>")]
        | Annotated[Chance, Tag("<chance>")]
        | Annotated[Below, Tag("<below>")]
        | Annotated[AtLeast, Tag("<at_least>")]
        | Annotated[Not, Tag("<not>")]
        | Annotated[AllOf, Tag("<all_of>")]
        | Annotated[AnyOf, Tag("<any_of>")],
        Discriminator(condition_kind),
    ],
)
"""A condition of a playbook: ``refused``, ``{code: 51}``, ``{at_least: [$refusals, 2]}``."""

for _kind in SAID.values():
    _kind.model_rebuild()


def holds(condition: Condition, ask: AskMore) -> bool:
    """Return whether a condition holds now."""
    if isinstance(condition, Said):
        return condition.holds(ask)
    if condition == "own_device":
        return ask.on_own_device
    return _says(condition, ask.answer)


def _says(word: str, answer: Outcomes | None) -> bool:
    """Return whether the last answer says the word; nothing was said where nothing was done."""
    if answer is None:
        return False
    if word == "burnt":
        return _has_code(answer, CARD_IS_BURNT)
    if word == "asked_for_more":
        return _has_code(answer, ASKED_FOR_MORE)
    approved = answer.approved
    said = {
        "approved": approved.any(),
        "all_approved": approved.all(),
        "refused": not approved.any(),
        "any_refused": not approved.all(),
    }
    return bool(said[word])


def _has_code(answer: Outcomes | None, codes: tuple[str, ...]) -> bool:
    return answer is not None and bool(np.isin(answer.response_code, codes).any())
