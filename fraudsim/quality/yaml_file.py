"""A YAML file as a validated value; every mistake is one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from fraudsim.errors import UsageError
from fraudsim.strict_yaml import MAX_BYTES, parse
from fraudsim.validation import first_mistake, validated

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(file: Path | Traversable, label: str, model: type[Model]) -> Model:
    """Read a file as ``model``.

    Args:
        file: the file.
        label: what to call it in errors.
        model: what it should be.

    Raises:
        UsageError: it cannot be read, is no YAML, or is not such a value.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{label}: cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise UsageError(f"{label}: larger than {MAX_BYTES // 1024} KiB")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise UsageError(f"{label}: not UTF-8 text") from None
    try:
        return validated(model, parse(text, label).value)
    except ValidationError as error:
        path, sentence = first_mistake(error, model)
        where = f"{'.'.join(path)}: " if path else ""
        raise UsageError(f"{label}: {where}{sentence}") from None
