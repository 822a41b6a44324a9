"""Scenarios from YAML files and by name.

A scenario is read in layers: the defaults, what the file ``extends`` (and what that extends), the
file, and ``--set``. Mappings merge, lists replace. Every mistake is one line with the file, the
key path, what is wrong and what would be right.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import yaml
from pydantic import BaseModel, ValidationError

from fraudsim.errors import UsageError, nearest
from fraudsim.scenario import AttackEntry, Scenario
from fraudsim.scenario_attacks import check_attacks
from fraudsim.strict_yaml import MAX_BYTES, Document, KeyPath, parse
from fraudsim.validation import first_mistake, validated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable

    from pydantic.fields import FieldInfo

PRESETS = files("fraudsim.presets")
SET = "--set"
EXTENDS = "extends"
NOT_EXPLAINED = ("version", "attacks")
"""The number of the format says nothing of the world; attacks have rows of their own shape."""


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario and where its numbers come from.

    Attributes:
        scenario: the validated value.
        notes: key path (``attacks.0.campaigns``) of every value that a file or ``--set`` gave ->
            the comment on its line, or which file gave it.
    """

    scenario: Scenario
    notes: Mapping[str, str]


@dataclass(frozen=True)
class ExplainRow:
    """One value of a scenario: what it is, what it would be by default, and why."""

    key: str
    value: Any
    default: Any
    source: str
    meaning: str


def preset_names() -> list[str]:
    """Return the names of the scenarios that come with fraudsim, sorted."""
    names = (entry.name for entry in PRESETS.iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def load_scenario(name_or_path: str, *, overrides: Sequence[str] = ()) -> Scenario:
    """Return the scenario of a preset or a YAML file.

    Args:
        name_or_path: a preset (``tiny``) or a path (``my.yaml``). A preset wins over a file of
            the same name; write ``./tiny`` for the file.
        overrides: ``key.path=value`` each; the value is YAML, a list is reached by number
            (``attacks.0.campaigns=3``).

    Raises:
        UsageError: one line that says where and what.

    >>> load_scenario("tiny", overrides=["calendar.days=7"]).calendar.days
    7
    """
    return load(name_or_path, overrides=overrides).scenario


def load(name_or_path: str, *, overrides: Sequence[str] = ()) -> LoadedScenario:
    """Like :func:`load_scenario`, and keep where each value came from."""
    draft = _Draft()
    for layer in _layers(name_or_path):
        draft.merge(layer)
    for override in overrides:
        draft.assign(*_parsed_override(override))
    return LoadedScenario(draft.scenario(), draft.notes())


# Files and what they extend


@dataclass(frozen=True)
class _Source:
    """A preset or a file, found but not yet read."""

    label: str
    location: Traversable
    folder: Path | None  # what `extends` is relative to; None for presets

    def read(self) -> Document:
        try:
            with self.location.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise UsageError(f"{self.label}: cannot be read: {error.strerror}") from None
        if len(content) > MAX_BYTES:
            raise UsageError(f"{self.label}: larger than {MAX_BYTES // 1024} KiB")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise UsageError(f"{self.label}:{line}: not UTF-8 text") from None
        document = parse(text, self.label)
        if not isinstance(document.value, dict):
            raise UsageError(f"{self.label}: should be a mapping of keys to values")
        return document


@dataclass(frozen=True)
class _Layer:
    label: str
    document: Document


def _layers(name_or_path: str) -> list[_Layer]:
    """Return what ``name_or_path`` extends, farthest first, and itself last."""
    layers: list[_Layer] = []
    chain = [_find(name_or_path, folder=Path(), named_in="")]
    while True:
        source = chain[-1]
        document = source.read()
        value = dict(document.value)
        extends = value.pop(EXTENDS, None)
        layers.insert(0, _Layer(source.label, Document(value, document.remarks)))
        if extends is None:
            return layers
        if not isinstance(extends, str):
            raise UsageError(f"{source.label}: {EXTENDS}: should be the name of a preset or file")
        parent = _find(extends, folder=source.folder, named_in=f"{source.label}: {EXTENDS}: ")
        seen = [str(one.location) for one in chain]
        chain.append(parent)
        if str(parent.location) in seen:
            loop = " -> ".join(one.label for one in chain)
            raise UsageError(f"{source.label}: {EXTENDS}: goes round in a loop: {loop}")


def _find(name: str, *, folder: Path | None, named_in: str) -> _Source:
    if name in preset_names():
        return _Source(f"preset {name}", PRESETS / f"{name}.yaml", None)
    looks_like_a_path = "/" in name or "\\" in name or name.endswith((".yaml", ".yml"))
    if folder is None or not (looks_like_a_path or (folder / name).is_file()):
        hint = "" if folder is None else " (a file is given with its ending, such as my.yaml)"
        raise UsageError(f"{named_in}no preset '{name}'{nearest(name, preset_names())}{hint}")
    path = folder / name
    if not path.is_file():
        wrong = "is a folder, not a file" if path.is_dir() else "no such file"
        raise UsageError(f"{named_in or f'{path}: '}{wrong}{_nearest_file(path)}")
    return _Source(str(path), path.resolve(), path.parent)


def _nearest_file(path: Path) -> str:
    """Return a hint at a YAML file beside ``path`` or a preset of a near name."""
    beside = path.parent.glob("*.y*ml") if path.parent.is_dir() else ()
    known = sorted(one.name for one in beside) + preset_names()
    match = get_close_matches(path.name, known, n=1, cutoff=0.6)
    return f"; did you mean '{match[0]}'?" if match else ""


# --set


def _parsed_override(override: str) -> tuple[KeyPath, Any]:
    key, equals, text = override.partition("=")
    path = tuple(key.strip().split("."))
    if not equals or not all(path):
        raise UsageError(f"{SET} {override}: should be key.path=value, such as calendar.days=30")
    # an empty value is null, as it is in a file
    value = parse(text, f"{SET} {key}").value if text.strip() else None
    return path, value


# The tree that is being built


def _defaults() -> Scenario:
    return validated(Scenario, {})


@dataclass(frozen=True)
class _Origin:
    order: int
    label: str
    remark: str


@dataclass
class _Draft:
    """The plain tree as the layers come in, and where each of its leaves came from."""

    tree: dict[str, Any] = field(default_factory=lambda: _defaults().as_dict())
    origins: dict[KeyPath, _Origin] = field(default_factory=dict)
    layers: int = 0

    def merge(self, layer: _Layer) -> None:
        """Lay ``layer`` over the tree: mappings merge, all else replaces."""
        self.layers += 1
        self._merge_into(self.tree, layer.document.value, (), layer)

    def _merge_into(
        self, below: dict[str, Any], above: dict[str, Any], path: KeyPath, layer: _Layer
    ) -> None:
        for key, value in above.items():
            here = (*path, key)
            old = below.get(key)
            if isinstance(old, dict) and isinstance(value, dict):
                self._merge_into(old, value, here, layer)
            else:
                below[key] = value
                self._remember(here, value, layer)

    def assign(self, path: KeyPath, value: Any) -> None:
        """Set the value at ``path``; a mapping replaces only the keys that it names."""
        self.layers += 1
        node: Any = self.tree
        for depth, key in enumerate(path[:-1]):
            child = self._child(node, key, path[:depth])
            if child is None:
                child = {}
                node[key] = child
            node = child
        layer = _Layer(SET, Document(value, {}))
        if isinstance(node, list):
            node[self._index(node, path[-1], path[:-1])] = value
            self._remember(path, value, layer)
        elif isinstance(node, dict):
            self._merge_into(node, {path[-1]: value}, path[:-1], layer)
        else:
            raise self._no_inside(path[:-1])

    def _child(self, node: Any, key: str, path: KeyPath) -> Any:
        if isinstance(node, list):
            return node[self._index(node, key, path)]
        if isinstance(node, dict):
            return node.get(key)
        raise self._no_inside(path)

    def _index(self, items: list[Any], key: str, path: KeyPath) -> int:
        where = ".".join(path)
        if re.fullmatch("[0-9]{1,6}", key) and int(key) < len(items):
            return int(key)
        reach = f"0 to {len(items) - 1}" if items else "it is empty"
        raise UsageError(
            f"{SET}: {where}.{key}: {where} is a list of {len(items)}; "
            f"its entries go by number ({reach})"
        )

    def _no_inside(self, path: KeyPath) -> UsageError:
        return UsageError(f"{SET}: {'.'.join(path)}: is a single value, nothing lies inside it")

    def _remember(self, path: KeyPath, value: Any, layer: _Layer) -> None:
        """Forget where the values below ``path`` came from and note ``layer`` for the new."""
        for old in [one for one in self.origins if one[: len(path)] == path]:
            del self.origins[old]
        for leaf in _leaf_paths(value, path):
            self.origins[leaf] = _Origin(self.layers, layer.label, layer.document.remark_at(leaf))

    def notes(self) -> dict[str, str]:
        return {
            ".".join(path): origin.remark or f"set in {origin.label}"
            for path, origin in self.origins.items()
        }

    def label_at(self, path: KeyPath) -> str:
        """Return who gave the value at ``path``, or the last to touch what is around it."""
        for length in range(len(path), -1, -1):
            around = [
                origin
                for leaf, origin in self.origins.items()
                if leaf[:length] == path[:length] or leaf == path[:length]
            ]
            if around:
                return max(around, key=lambda origin: origin.order).label
        return "defaults"

    def scenario(self) -> Scenario:
        try:
            scenario = validated(Scenario, self.tree)
        except ValidationError as error:
            path, sentence = first_mistake(error, Scenario)
        else:
            mistake = _time_zone_mistake(scenario.calendar.timezone)
            if mistake is None:
                return scenario
            path, sentence = ("calendar", "timezone"), mistake
        where = f"{'.'.join(path)}: " if path else ""
        raise UsageError(f"{self.label_at(path)}: {where}{sentence}")


def _leaf_paths(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    children: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = [(str(index), item) for index, item in enumerate(value)]
    if not children:
        yield path
    for key, child in children:
        yield from _leaf_paths(child, (*path, key))


def _time_zone_mistake(name: str) -> str | None:
    """Say what is wrong with a time zone that the IANA database does not have."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        match = get_close_matches(name, sorted(available_timezones()), n=1, cutoff=0.6)
        right = f"did you mean '{match[0]}'?" if match else "a right one is 'Europe/London'"
        return f"unknown time zone '{name}'; {right}"
    return None


# Explaining


def explain(
    scenario: Scenario,
    *,
    patterns: Mapping[str, type[BaseModel]] | None = None,
    notes: Mapping[str, str] | None = None,
) -> list[ExplainRow]:
    """Return a row per value of ``scenario``, defaults included, in the order of the model.

    Args:
        scenario: the scenario.
        patterns: attack patterns by name, for their parameters; None finds those installed.
        notes: where values came from, of :class:`LoadedScenario`; they win over the sources of
            the defaults.

    Raises:
        UsageError: an attack of the scenario is unknown or its parameters are wrong.
    """
    if patterns is None:
        from fraudsim.registry import ATTACKS, discover

        patterns = discover(ATTACKS)
    chosen = check_attacks(scenario, patterns)
    rows = list(_rows_of(scenario, _defaults(), "", ""))
    for index, (entry, pattern) in enumerate(zip(scenario.attacks, chosen, strict=True)):
        rows += _entry_rows(entry, f"attacks.{index}.")
        rows += _rows_of(pattern, type(pattern)(), f"attacks.{index}.parameters.", "")
    return [_with_note(row, notes or {}) for row in rows]


def _with_note(row: ExplainRow, notes: Mapping[str, str]) -> ExplainRow:
    note = notes.get(row.key)
    return ExplainRow(row.key, row.value, row.default, note, row.meaning) if note else row


def _rows_of(
    model: BaseModel, default: BaseModel, prefix: str, source: str
) -> Iterator[ExplainRow]:
    for name, info in type(model).model_fields.items():
        if isinstance(model, Scenario) and name in NOT_EXPLAINED:
            continue
        value, usual = getattr(model, name), getattr(default, name)
        here = _source_of(info) or source
        if isinstance(value, BaseModel):
            yield from _rows_of(value, usual, f"{prefix}{name}.", here)
        elif isinstance(value, dict):
            for key in value:
                meaning = f"{info.description}: {key}"
                yield _row(f"{prefix}{name}.{key}", value[key], usual.get(key), here, meaning)
        else:
            yield _row(f"{prefix}{name}", value, usual, here, info.description or "")


def _entry_rows(entry: AttackEntry, prefix: str) -> Iterator[ExplainRow]:
    """Yield what the scenario says of an attack; what it leaves at null or unset says nothing."""
    for name, info in AttackEntry.model_fields.items():
        value, usual = getattr(entry, name), info.get_default(call_default_factory=True)
        if name != "parameters" and value != usual:
            shown_default = None if info.is_required() else usual
            yield _row(f"{prefix}{name}", value, shown_default, "", info.description or "")


def _row(key: str, value: Any, default: Any, source: str, meaning: str) -> ExplainRow:
    if value != default:
        source = "set by the scenario"
    return ExplainRow(key, _json_value(value), _json_value(default), source, meaning)


def _json_value(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def _source_of(info: FieldInfo) -> str:
    extra = info.json_schema_extra
    return str(extra.get("source", "")) if isinstance(extra, dict) else ""


# Writing


def to_yaml(scenario: Scenario) -> str:
    """Return ``scenario`` as YAML, every default written out; :func:`load_scenario` reads it back.

    >>> print(to_yaml(load_scenario("tiny")).splitlines()[0])
    name: tiny
    """
    text: str = yaml.safe_dump(scenario.as_dict(), sort_keys=False, allow_unicode=True, width=100)
    return text


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a scenario file.

    A file says only what differs from the defaults, so no key is required but an attack's
    ``pattern``.
    """
    schema = Scenario.model_json_schema()
    for name, part in schema["$defs"].items():
        if name != AttackEntry.__name__:
            part.pop("required", None)
    extends = {
        "type": "string",
        "title": "Extends",
        "description": "preset or file (relative to this one) that this scenario starts from",
    }
    schema["properties"] = {EXTENDS: extends, **schema["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "fraudsim scenario",
        **{key: value for key, value in schema.items() if key != "title"},
    }
