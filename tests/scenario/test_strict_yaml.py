"""YAML without its traps."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudsim.errors import UsageError
from fraudsim.strict_yaml import parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-12", -12),
        ("10_000", 10_000),
        ("010", "010"),
        ("0x10", "0x10"),
        ("1:30", "1:30"),
        ("1e-3", 0.001),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("-.inf", float("-inf")),
        ("2025-01-01", "2025-01-01"),
        ("'12'", "12"),
        ("{a: [1, {b: }]}", {"a": [1, {"b": None}]}),
        ("{<<: 1}", {"<<": 1}),
        ("{1: x}", {"1": "x"}),
    ],
)
def test_plain_values(text: str, value: object) -> None:
    found = parse(text, "f").value
    assert (found, type(found)) == (value, type(value))


def test_a_number_of_many_digits_is_refused_in_one_line() -> None:
    with pytest.raises(UsageError, match=r"^f:1: not a readable value of type int$"):
        parse("9" * 5000, "f")


@pytest.mark.parametrize("text", [r'a: "\ud800"', r'"\udfff": 1'])
def test_half_a_character_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"^f:1: holds half a character"):
        parse(text, "f")


def test_an_alias_bomb_is_refused_before_it_unfolds() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60))]
    with pytest.raises(UsageError, match=r"^f:2: aliases"):
        parse("\n".join(lines), "f")


def test_deep_nesting_is_refused_without_recursion() -> None:
    with pytest.raises(UsageError, match=r"^f:1: nested deeper than 20$"):
        parse("[" * 100_000, "f")


def test_remarks_stand_on_the_line_of_their_value() -> None:
    text = "a: 1  # one\nb:\n  - 2  # two\n  - 'x # y'\nc: z#z\n# alone\nd: 3 #no space\n"
    assert parse(text, "f").remarks == {("a",): "one", ("b", "0"): "two", ("d",): "no space"}


def test_the_remark_after_a_bracket_is_of_all_within() -> None:
    document = parse("a: {b: 1, c: [2, 3]}  # within\nd:\n  e: 4\n# after the block\n", "f")
    assert document.remark_at(("a", "b")) == "within"
    assert document.remark_at(("a", "c", "1")) == "within"
    assert document.remark_at(("d", "e")) == ""


# what YAML can hold unescaped and unfolded: no controls, no line separators, no non-characters
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(CHARACTERS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(CHARACTERS, max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(deadline=None)  # no question of time; machines are busy
@given(values)
def test_json_and_dumped_yaml_read_as_the_value(value: object) -> None:
    assert parse(yaml.safe_dump(value, allow_unicode=True), "f").value == value
    if "Infinity" not in json.dumps(value):
        assert parse(json.dumps(value, ensure_ascii=False), "f").value == value
