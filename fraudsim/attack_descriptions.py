"""What an attack pattern says of itself, as plain values."""

from __future__ import annotations

import dataclasses
import inspect
from typing import TYPE_CHECKING, Any

from pydantic_core import to_jsonable_python

if TYPE_CHECKING:
    from fraudsim.attacks.kit.pattern import AttackPattern


def describe_attack(pattern: type[AttackPattern]) -> dict[str, Any]:
    """Return name, story, taxonomy codes, sources, look-alike, stages and parameters.

    Each parameter has its default, meaning and source; taxonomies without a place for the
    pattern are left out.
    """
    codes = dataclasses.asdict(pattern.taxonomy)
    return {
        "name": pattern.name,
        "summary": pattern.summary,
        "story": inspect.getdoc(pattern) or "",
        "stages": list(pattern.stages),
        "look_alike": pattern.look_alike,
        "taxonomy": {name: code for name, code in codes.items() if code},
        "sources": list(pattern.sources),
        "parameters": _parameters(pattern),
    }


def _parameters(pattern: type[AttackPattern]) -> list[dict[str, Any]]:
    rows = []
    for name, field in pattern.model_fields.items():
        extra = field.json_schema_extra
        rows.append(
            {
                "name": name,
                "default": to_jsonable_python(field.get_default(call_default_factory=True)),
                "meaning": field.description or "",
                "source": extra.get("source", "") if isinstance(extra, dict) else "",
            }
        )
    return rows
