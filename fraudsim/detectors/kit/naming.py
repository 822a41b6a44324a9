"""The name that results show for a detector that was plugged in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar, cast

from fraudsim.detectors.base import Detector

if TYPE_CHECKING:
    from collections.abc import Container

LONGEST = 40
"""Characters of a name: it heads a column of a table."""

AnyDetector = TypeVar("AnyDetector", bound=Detector)


def short_name(text: str) -> str:
    """Return text as a name of the registry's kind: lower case, digits and ``_``.

    >>> short_name("RandomForestClassifier"), short_name("my model-v2"), short_name("2nd")
    ('random_forest_classifier', 'my_model_v2', 'd_2nd')
    """
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    plain = re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")
    if not plain or not plain[0].isalpha():
        plain = f"d_{plain}".rstrip("_")
    return plain[:LONGEST].rstrip("_")


def free_name(name: str, taken: Container[str]) -> str:
    """Return the name, with a number behind it if it is taken.

    >>> free_name("forest", {"forest", "forest_2"})
    'forest_3'
    """
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def named(kind: type[AnyDetector], name: str, **says: Any) -> type[AnyDetector]:
    """Return a kind of detector under a name, with what it says of itself (``learns``, ...).

    A detector says this as a class; so one that was plugged in gets a class of its own.
    """
    made = type(kind.__name__, (kind,), {"name": name, **says})
    return cast("type[AnyDetector]", made)
