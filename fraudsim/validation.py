"""What pydantic found wrong, in one line: key path, what is wrong, what would be right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from fraudsim.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

    from fraudsim.strict_yaml import KeyPath

Model = TypeVar("Model", bound=BaseModel)

_BOUNDS = {
    "greater_than_equal": (">=", "ge"),
    "greater_than": (">", "gt"),
    "less_than_equal": ("<=", "le"),
    "less_than": ("<", "lt"),
}

# pydantic's sentences where they would mislead somebody who writes YAML
_PLAINER: Mapping[str, str] = {
    "tuple_type": "input should be a list",
    "list_type": "input should be a list",
    "model_type": "input should be a mapping of keys to values",
    "dict_type": "input should be a mapping of keys to values",
    "int_type": "input should be a whole number",
    "int_from_float": "input should be a whole number",
    "float_type": "input should be a number",
    "bool_type": "input should be true or false",
    "string_type": "input should be text",
    "date_type": "input should be a date such as 2025-01-31",
    "date_parsing": "input should be a date such as 2025-01-31",
    "date_from_datetime_parsing": "input should be a date such as 2025-01-31",
}


def validated(model: type[Model], value: Any) -> Model:
    """Return ``value``, plain JSON data, as ``model``; types are not converted.

    Raises:
        ValidationError: from pydantic; :func:`first_mistake` says it in one line.
    """
    return model.model_validate_json(json.dumps(value), strict=True)


def first_mistake(error: ValidationError, model: type[BaseModel]) -> tuple[KeyPath, str]:
    """Return the key path of the first mistake and a sentence about it.

    Unknown keys come first: a misspelt key often causes the mistakes beside it.
    """
    details = error.errors(include_url=False)
    details.sort(key=lambda detail: detail["type"] != "extra_forbidden")
    first = details[0]
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    return tuple(_printable(part) for part in first["loc"]), _sentence(first, model) + more


def _printable(part: int | str) -> str:
    """Return a part of a key path; a key from a file may hold line ends and escape codes."""
    text = str(part)
    return text if text.isprintable() else ascii(text)[1:-1]


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "extra_forbidden":
        parent = _model_at(model, detail["loc"][:-1])
        known = parent.model_fields if parent else ()
        return "unknown key" + nearest(str(detail["loc"][-1]), known)
    if kind == "missing":
        return f"the key is missing; give it a value ({_meaning(model, detail['loc'])})"
    if kind == "value_error":
        return str(context["error"])
    if kind in _BOUNDS:
        sign, name = _BOUNDS[kind]
        return f"input should be {sign} {context[name]}, not {_shown(value)}"
    sentence = _PLAINER.get(kind, detail["msg"][:1].lower() + detail["msg"][1:])
    return f"{sentence}, not {_shown(value)}"


def _meaning(model: type[BaseModel], path: tuple[int | str, ...]) -> str:
    parent = _model_at(model, path[:-1])
    field = parent.model_fields.get(str(path[-1])) if parent else None
    return (field.description if field else None) or str(path[-1])


def _model_at(model: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel] | None:
    """Return the model that stands at ``path``, looking through lists and optional values."""
    current: type[BaseModel] | None = model
    for part in path:
        if current is None:
            return None
        if isinstance(part, str):
            field = current.model_fields.get(part)
            current = _model_in(field.annotation) if field else None
    return current


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(argument) for argument in get_args(annotation))
    return next((model for model in inner if model), None)


def _shown(value: Any) -> str:
    """Return ``value`` as the reader wrote it, cut to one short line."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    return json.dumps(value)
