"""What a scenario's attacks name: patterns and evasions, with their parameters set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from fraudsim.errors import UsageError, nearest
from fraudsim.validation import first_mistake, validated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.scenario import AttackEntry, Scenario

Pattern = TypeVar("Pattern", bound=BaseModel)


def check_attacks(scenario: Scenario, patterns: Mapping[str, type[Pattern]]) -> tuple[Pattern, ...]:
    """Return the pattern of each entry of ``scenario.attacks``, with its parameters set.

    Args:
        scenario: the scenario.
        patterns: attack patterns by name: ``registry.discover(registry.ATTACKS)``.

    Raises:
        UsageError: unknown pattern, or parameters that it does not take.
    """
    return tuple(
        _pattern_of(entry, f"scenario {scenario.name}: attacks.{index}", patterns)
        for index, entry in enumerate(scenario.attacks)
    )


def check_evasions(
    scenario: Scenario, evasions: Mapping[str, type[Pattern]]
) -> tuple[tuple[Pattern, ...], ...]:
    """Return the evasions of each entry of ``scenario.attacks``, with their parameters set.

    Args:
        scenario: the scenario.
        evasions: evasions by name: ``registry.discover(registry.EVASIONS)``.

    Raises:
        UsageError: unknown evasion, or parameters that it does not take.
    """
    return tuple(
        tuple(
            _set(
                "evasion",
                chosen.evasion,
                chosen.parameters,
                f"scenario {scenario.name}: attacks.{index}.evasions.{place}",
                evasions,
            )
            for place, chosen in enumerate(entry.evasions)
        )
        for index, entry in enumerate(scenario.attacks)
    )


def _pattern_of(entry: AttackEntry, where: str, patterns: Mapping[str, type[Pattern]]) -> Pattern:
    if entry.pattern not in patterns:
        hint = nearest(entry.pattern, patterns)
        raise UsageError(f"{where}.pattern: unknown attack pattern '{entry.pattern}'{hint}")
    return _set("pattern", entry.pattern, entry.parameters, where, patterns)


def _set(
    what: str,
    name: str,
    parameters: Mapping[str, Any],
    where: str,
    known: Mapping[str, type[Pattern]],
) -> Pattern:
    """Return the plug-in of that name with its parameters set."""
    if name not in known:
        raise UsageError(f"{where}.{what}: unknown {what} '{name}'{nearest(name, known)}")
    model = known[name]
    try:
        return validated(model, parameters)
    except ValidationError as error:
        path, sentence = first_mistake(error, model)
        key = ".".join((where, "parameters", *path))
        raise UsageError(f"{key}: {sentence}") from None
