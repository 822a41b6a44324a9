"""Rules are data: what they mean, and that nothing in them is run."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from fraudsim.detectors.base import FeatureInfo
from fraudsim.detectors.rules import (
    AMOUNT,
    Condition,
    Group,
    Rules,
    RulesClassifier,
    built_in_rules,
    parse_rules,
)
from fraudsim.errors import UsageError
from fraudsim.features import describe

LABELS = np.array([0, 1, 0, 0])
FRAME = pl.DataFrame(
    {
        "amount": [1.0, 100.0, 50.0, None],
        "channel": pl.Series(["pos", "ecom", "ecom", None]).cast(pl.Enum(["pos", "ecom", "atm"])),
        "new": [True, True, False, None],
    }
)


def scores(text: str) -> list[float]:
    rules = parse_rules(text, source="test")
    classifier = RulesClassifier(rules, amount="amount").fit(FRAME, LABELS)
    return classifier.predict_proba(FRAME)[:, 1].tolist()


def one(condition: str) -> str:
    return f"rules: [{{name: r, points: 1, when: {{all: [{condition}]}}}}]"


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ('{column: amount, op: ">", value: 50}', [0, 1, 0, 0]),
        ('{column: amount, op: ">=", value: 50}', [0, 1, 1, 0]),
        ('{column: amount, op: "<", value: 50}', [1, 0, 0, 0]),
        ('{column: amount, op: "<=", value: 50}', [1, 0, 1, 0]),
        ('{column: amount, op: "==", value: 50}', [0, 0, 1, 0]),
        ('{column: amount, op: "!=", value: 50}', [1, 1, 0, 0]),
        ('{column: channel, op: "==", value: ecom}', [0, 1, 1, 0]),
        ("{column: channel, op: in, value: [pos, atm]}", [1, 0, 0, 0]),
        ('{column: new, op: "==", value: true}', [1, 1, 0, 0]),
        ("{column: channel, op: is_null}", [0, 0, 0, 1]),
        ("{column: channel, op: not_null}", [1, 1, 1, 0]),
        ('{column: "{amount}", op: above_share, value: 0.5}', [0, 1, 0, 0]),
        ("{any: [{column: new, op: is_null}, {column: amount, op: '>', value: 99}]}", [0, 1, 0, 1]),
    ],
)
def test_a_condition_holds_where_it_should_and_never_for_null(condition, held):
    assert scores(one(condition)) == held


def test_the_score_is_the_share_of_the_points():
    text = """
    rules:
      - {name: a, points: 3, when: {all: [{column: amount, op: ">", value: 10}]}}
      - {name: b, points: 1, when: {all: [{column: channel, op: "==", value: ecom},
                                          {column: new, op: "==", value: true}]}}
    """
    assert scores(text) == [0.0, 1.0, 0.75, 0.0]


def test_a_rule_about_an_absent_column_is_left_out_of_all_points():
    text = one('{column: amount, op: ">", value: 50}').replace(
        "rules: [", "rules: [{name: x, points: 9, when: {all: [{column: gone, op: is_null}]}}, "
    )
    assert scores(text) == [0.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: [", "test: not YAML"),
        ("- a", "a mapping with a list 'rules'"),
        ("rules: [{name: r, points: 1}]", r"rules\.0: 'when' is missing"),
        ("rules: [{name: r, points: 0, when: {all: [1]}}]", "above 0 was expected, not 0"),
        ("rules: [{name: r, points: 1, when: {none: []}}]", "one of 'all' and 'any'"),
        ("rules: [{name: r, points: 1, when: {any: []}}]", "at least one condition"),
        (one('{column: a, op: "=>", value: 1}'), "unknown operation '=>'; did you mean '>"),
        (one('{column: a, op: ">"}'), r"all\.0: 'value' is missing"),
        (one("{column: a, op: is_null, value: 1}"), "unknown key 'value'"),
        (one("{column: a, op: in, value: 3}"), "'in' wants a list"),
        (one('{column: a, op: ">", value: [3]}'), "'>' wants one value"),
        (one("{column: a, op: above_share, value: 3}"), "a share between 0 and 1"),
        (one('{column: a, op: ">", value: 1, code: x}'), "unknown key 'code'"),
        (one("\"__import__('os')\""), "were expected, not"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_with_its_place(text, message):
    with pytest.raises(UsageError, match=message):
        parse_rules(text, source="test")


def test_the_built_in_rules_speak_of_columns_that_exist():
    known = {*describe()["name"], AMOUNT}

    def columns(part: Condition | Group) -> set[str]:
        if isinstance(part, Condition):
            return {part.column}
        return set().union(*map(columns, part.parts))

    for rule in built_in_rules():
        assert columns(rule.when) <= known, rule.name


def test_on_a_table_with_other_columns_only_the_amount_counts_and_that_is_said():
    info = FeatureInfo(amount="amount", look_back=False)
    classifier = Rules().build(seed=1, info=info).fit(FRAME, LABELS)
    assert [rule.name for rule in classifier.rules_] == ["the amount is large for any account"]
    assert "the amount alone" in Rules().notes(info)[0]
    assert "nothing" in Rules().notes(FeatureInfo())[0]
    assert Rules().notes(FeatureInfo(look_back=True)) == ()
