"""YAML without its traps, as plain JSON values.

A file from anywhere is data, so only what JSON could say is let in: mappings with text keys, lists,
text, numbers, true, false and null. Against YAML 1.1, ``NO`` and ``on`` are text, ``1e-3`` is a
number, ``010`` and ``1:30`` are text and so is a date. Refused with the line: keys given twice,
anchors and aliases (a few bytes could unfold into gigabytes), tags, more than one document,
nesting deeper than 20 and files above 256 KiB.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from fraudsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20

KeyPath = tuple[str, ...]
"""Keys and list indices from the top of a document to one of its values."""

_STANDARD_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """The safe loader with the plain values of JSON (near YAML 1.2's core schema)."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 -- yaml adds to a copy


for _tag, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"[-+]?(0|[1-9][0-9_]*)", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|(0|[1-9][0-9_]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan",
        list("-+.0123456789"),
    ),
):
    _Loader.add_implicit_resolver(_STANDARD_TAG + _tag, re.compile(f"^(?:{_pattern})$"), _first)


@dataclass(frozen=True)
class Document:
    """What a file says, and the comments that stand on the lines of its values.

    The comment after ``{...}`` or ``[...]`` is that of all within.
    """

    value: Any
    remarks: Mapping[KeyPath, str]

    def remark_at(self, path: KeyPath) -> str:
        """Return the comment of the value at ``path`` or of what it stands in, else nothing."""
        around = (path[:length] for length in range(len(path), -1, -1))
        return next((self.remarks[one] for one in around if one in self.remarks), "")


def parse(text: str, file: str) -> Document:
    """Read one YAML document.

    Args:
        text: the YAML.
        file: what to call it in errors.

    Raises:
        UsageError: one line ``file:line: what is wrong``.
    """
    try:
        _refuse_aliases_and_depth(text, file)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        reason = " ".join(part for part in (error.context, error.problem) if part)
        raise UsageError(f"{file}:{line}: not valid YAML: {reason}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UsageError(f"{file}:{line}: not valid YAML: {error.reason}") from None
    if node is None:
        raise UsageError(f"{file}: is empty")
    reader = _Reader(file, text.splitlines())
    value = reader.plain(node, ())
    return Document(value, reader.remarks)


def _refuse_aliases_and_depth(text: str, file: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise UsageError(f"{file}:{line}: aliases (*name) are not allowed; write the value out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise UsageError(f"{file}:{line}: nested deeper than {MAX_DEPTH}")


class _Reader:
    """Turns nodes into plain values and keeps the remarks it passes."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.remarks: dict[KeyPath, str] = {}
        self._file = file
        self._lines = lines

    def plain(self, node: yaml.Node, path: KeyPath) -> Any:
        # a block list or mapping ends where the next thing starts: no comment there is its own
        if not isinstance(node, yaml.CollectionNode) or node.flow_style:
            self._keep_remark(node, path)
        if isinstance(node, yaml.MappingNode) and node.tag == _STANDARD_TAG + "map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _STANDARD_TAG + "seq":
            return [self.plain(item, (*path, str(i))) for i, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        raise self._error(node, f"the tag {node.tag} is not allowed; write a plain value")

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._error(key, "a key is a list or a mapping; keys are text")
            self._refuse_surrogates(key)
            if key.value in result:
                where = ".".join((*path, key.value))
                raise self._error(key, f"{where}: the key is given twice")
            result[key.value] = self.plain(value, (*path, key.value))
        return result

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        self._refuse_surrogates(node)
        text = node.value
        try:
            match node.tag.removeprefix(_STANDARD_TAG):
                case "str":
                    return text
                case "null":
                    return None
                case "bool":
                    return {"true": True, "false": False}[text]
                case "int":
                    return int(text.replace("_", ""))
                case "float":
                    words = text.replace(".inf", "inf").replace(".nan", "nan")
                    return float(words.replace("_", ""))
        except (ValueError, KeyError):
            kind = node.tag.removeprefix(_STANDARD_TAG)
            raise self._error(node, f"not a readable value of type {kind}") from None
        raise self._error(node, f"the tag {node.tag} is not allowed; write a plain value")

    def _refuse_surrogates(self, node: yaml.ScalarNode) -> None:
        if re.search("[\ud800-\udfff]", node.value):
            raise self._error(node, r"holds half a character (\ud800 to \udfff)")

    def _keep_remark(self, node: yaml.Node, path: KeyPath) -> None:
        mark = node.end_mark
        line = self._lines[mark.line] if mark.line < len(self._lines) else ""
        match = re.match(r"\s+#\s*(.*\S)", line[mark.column :])
        if match:
            self.remarks[path] = match[1]

    def _error(self, node: yaml.Node, what: str) -> UsageError:
        return UsageError(f"{self._file}:{node.start_mark.line + 1}: {what}")
