"""Remembers what was computed of a subject, for as long as the subject lives."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from fraudsim.quality.subject import Subject

Value = TypeVar("Value")


def once(compute: Callable[[Subject], Value]) -> Callable[[Subject], Value]:
    """Return a function that computes its value of each subject once; errors are not kept."""
    known: WeakKeyDictionary[Subject, Value] = WeakKeyDictionary()

    @wraps(compute)
    def remembered(subject: Subject) -> Value:
        if subject not in known:
            known[subject] = compute(subject)
        return known[subject]

    return remembered
