"""Reads a playbook: strict YAML, then its form, then its meaning; the first mistake in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from fraudsim.attacks.kit.playbook.conditions import SAID, WORDS, condition_kind
from fraudsim.attacks.kit.playbook.form import STEPS, Playbook, step_kind
from fraudsim.attacks.kit.playbook.meaning import first_nonsense
from fraudsim.attacks.kit.playbook.numbers import DRAWN, Form, number_kind
from fraudsim.errors import UsageError, nearest
from fraudsim.strict_yaml import parse
from fraudsim.validation import first_mistake, validated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

MAX_BYTES = 32 * 1024
"""Size of a playbook; ours have 3 KiB."""

_BY_TAG: Mapping[str, type[Form]] = {
    **{f"<{form.__name__}>": form for form in STEPS.values()},
    **{f"<{key}>": form for key, form in (DRAWN | SAID).items()},
}


def read_playbook(text: str, file: str) -> Playbook:
    """Return the playbook that a text says.

    Args:
        text: YAML.
        file: what to call it in errors.

    Raises:
        UsageError: one line ``file: steps.spend.do: what is wrong and what would be right``.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise UsageError(f"{file}: larger than {MAX_BYTES // 1024} KiB, too large for a playbook")
    content = parse(text, file).value
    if not isinstance(content, dict):
        raise UsageError(f"{file}: a playbook is a mapping of keys to values (name: ..., ...)")
    try:
        playbook = validated(Playbook, content)
    except ValidationError as error:
        path, sentence = _mistake(error)
        raise UsageError(f"{file}: {'.'.join(path) or 'playbook'}: {sentence}") from None
    nonsense = first_nonsense(playbook, content)
    if nonsense:
        path, sentence = nonsense
        raise UsageError(f"{file}: {'.'.join(path)}: {sentence}")
    return playbook


def _mistake(error: ValidationError) -> tuple[tuple[str, ...], str]:
    """Return the key path of the first mistake and a sentence about it."""
    details = error.errors(include_url=False)
    # a misspelt key or kind often causes the mistakes beside it
    details.sort(key=lambda one: (one["type"] != "extra_forbidden", "tag" not in one["type"]))
    first = details[0]
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    if "tag" in first["type"]:
        path, sentence = _unknown_kind(first)
        return (*_without_tags(first["loc"]), *path), sentence + more
    before, model, inside = _nearest_form(first["loc"])
    only = ValidationError.from_exception_data("", [_trimmed(first, inside)])
    path, sentence = first_mistake(only, model)
    return (*before, *_without_tags(path)), sentence + more


def _nearest_form(
    loc: tuple[int | str, ...],
) -> tuple[tuple[str, ...], type[Form], tuple[int | str, ...]]:
    """Split a path at its last tag: what is before, the form there, and the path within it."""
    tags = [index for index, part in enumerate(loc) if part in _BY_TAG]
    if not tags:
        return (), Playbook, loc
    last = tags[-1]
    return _without_tags(loc[:last]), _BY_TAG[str(loc[last])], loc[last + 1 :]


def _trimmed(detail: ErrorDetails, loc: tuple[int | str, ...]) -> InitErrorDetails:
    kind: str | PydanticCustomError = detail["type"]
    if kind == "value_error":
        text = str(detail["ctx"]["error"]) if "ctx" in detail else detail["msg"]
        kind = PydanticCustomError("value_error", "{error}", {"error": text})
    return InitErrorDetails(type=kind, loc=loc, input=detail["input"], ctx=detail.get("ctx", {}))


def _without_tags(loc: tuple[int | str, ...]) -> tuple[str, ...]:
    parts = [str(part) for part in loc]
    return tuple(part for part in parts if not (part.startswith("<") and part.endswith(">")))


def _unknown_kind(detail: ErrorDetails) -> tuple[tuple[str, ...], str]:
    """Say what a step, a condition or a number could have been."""
    given = detail["input"]
    asked = detail.get("ctx", {}).get("discriminator", "")
    if step_kind.__name__ in asked:
        return _unknown_step(given)
    if condition_kind.__name__ in asked:
        return (), _unknown_condition(given)
    assert number_kind.__name__ in asked
    return (), _unknown_number(given)


def _unknown_step(given: Any) -> tuple[tuple[str, ...], str]:
    if not isinstance(given, dict):
        return (), f"a step is a mapping of keys to values (do: charge, ...), not {_short(given)}"
    return ("do",), f"unknown verb {_short(given['do'])}{_near(given['do'], STEPS)}"


def _unknown_condition(given: Any) -> str:
    if isinstance(given, str):
        return f"unknown condition {_short(given)}{_near(given, [*WORDS, *SAID])}"
    return _unknown_key(given, "condition", "refused, or {code: 51}", [*SAID])


def _unknown_number(given: Any) -> str:
    return _unknown_key(given, "number", "40, $cards, or {uniform: [1, 3]}", [*DRAWN])


def _unknown_key(given: Any, what: str, example: str, known: list[str]) -> str:
    if not isinstance(given, dict):
        return f"should be a {what} ({example}), not {_short(given)}"
    if len(given) != 1:
        keys = _short(", ".join(given)) if given else "none"
        return f"a {what} has one key, here are {len(given)}: {keys}"
    key = next(iter(given))
    return f"unknown kind of {what} {_short(key)}{_near(key, known)}"


def _near(given: Any, known: Any) -> str:
    return nearest(str(given)[:80], known)


def _short(given: Any) -> str:
    if isinstance(given, dict | list):
        return "a mapping" if isinstance(given, dict) else "a list"
    text = repr(given)
    return text if len(text) <= 60 else text[:57] + "..."
