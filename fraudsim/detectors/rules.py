"""A list of rules that a person can read and change: the analyst's baseline.

The rules are data (``rules.yaml``): comparisons of columns with values, joined by ``all`` and
``any``. Nothing in them is run as code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, reduce
from importlib.resources import files
from operator import and_, or_
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
import yaml

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.errors import UsageError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

AMOUNT = "{amount}"
"""Stands for the column of the amount, whatever its name."""

COMPARISONS: Mapping[str, Callable[[pl.Expr, Any], pl.Expr]] = {
    "==": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    "in": lambda column, value: column.is_in(value),
}
BARE = ("is_null", "not_null")
"""Operations without a value."""

LEARNT = "above_share"
"""Above the value that this share of the training rows does not exceed."""


@dataclass(frozen=True)
class Condition:
    """One comparison of a column with a value."""

    column: str
    op: str
    value: Any = None


@dataclass(frozen=True)
class Group:
    """Conditions and groups of which all, or any, must hold."""

    every: bool
    parts: tuple[Condition | Group, ...]


@dataclass(frozen=True)
class Rule:
    """A rule: what it says, how much it counts, and when it holds."""

    name: str
    points: float
    when: Group


class Rules(Detector):
    """Points of the rules that hold, over all points."""

    name: ClassVar[str] = "rules"
    summary: ClassVar[str] = "a readable list of rules: the analyst's baseline"
    learns: ClassVar[bool] = False
    probabilities: ClassVar[bool] = False  # an order, no more

    def build(self, *, seed: int, info: FeatureInfo) -> RulesClassifier:  # noqa: ARG002 -- nothing in it is random
        """Return the classifier; on features that are not ours it has the rules on amounts only."""
        rules = built_in_rules()
        if not info.look_back:
            rules = tuple(rule for rule in rules if _columns(rule.when) == {AMOUNT})
        return RulesClassifier(rules, amount=info.amount)

    def notes(self, info: FeatureInfo) -> tuple[str, ...]:
        """Say what is left of the rules where the features are not ours."""
        if info.look_back:
            return ()
        left = "the amount alone" if info.amount else "nothing: every row scores 0"
        return (f"rules: the table has other columns than ours; they judge by {left}",)


class RulesClassifier(FraudClassifier):
    """Scores by rules; learns only what "large" means. Rules about absent columns are left out.

    Args:
        rules: the rules; ``None`` is those of ``rules.yaml``.
        amount: the column that ``{amount}`` stands for.
    """

    thresholds_: dict[tuple[str, float], float]
    rules_: tuple[Rule, ...]

    def __init__(self, rules: tuple[Rule, ...] | None = None, amount: str | None = None) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.rules = rules
        self.amount = amount

    def _fit(
        self,
        frame: pl.DataFrame,
        fraud: NDArray[np.bool_],  # noqa: ARG002 -- rules learn from no label
        weight: NDArray[np.float64] | None,  # noqa: ARG002 -- nor weigh rows
    ) -> None:
        rules = built_in_rules() if self.rules is None else self.rules
        named = [_with_amount(rule, self.amount) for rule in rules]
        self.rules_ = tuple(rule for rule in named if _columns(rule.when) <= set(frame.columns))
        self.thresholds_ = {
            (c.column, c.value): _quantile(frame[c.column], c.value)
            for rule in self.rules_
            for c in _conditions(rule.when)
            if c.op == LEARNT
        }

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        total = sum(rule.points for rule in self.rules_)
        points = [
            pl.when(self._expression(rule.when)).then(rule.points).otherwise(0.0)
            for rule in self.rules_
        ]
        score = (pl.sum_horizontal(points) if points else pl.repeat(0.0, pl.len())) / max(total, 1)
        return frame.select(score.cast(pl.Float64)).to_series().to_numpy()

    def _expression(self, part: Condition | Group) -> pl.Expr:
        if isinstance(part, Group):
            return reduce(and_ if part.every else or_, map(self._expression, part.parts))
        column = pl.col(part.column)
        if part.op in BARE:
            return column.is_null() if part.op == "is_null" else column.is_not_null()
        if part.op == LEARNT:
            holds = column > self.thresholds_[part.column, part.value]
        else:
            holds = COMPARISONS[part.op](column, part.value)
        return holds.fill_null(value=False)


@cache
def built_in_rules() -> tuple[Rule, ...]:
    """Return the rules of ``rules.yaml``."""
    text = files("fraudsim.detectors").joinpath("rules.yaml").read_text(encoding="utf-8")
    return parse_rules(text, source="rules.yaml")


def parse_rules(text: str, *, source: str) -> tuple[Rule, ...]:
    """Return the rules in a YAML text.

    Args:
        text: the YAML; ``rules.yaml`` says how it is written.
        source: where it is from, for errors.

    Raises:
        UsageError: the text is no YAML or no list of rules; says which rule and what is wrong.
    """
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"{source}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(value, dict) or not isinstance(value.get("rules"), list):
        raise UsageError(f"{source}: a mapping with a list 'rules' was expected")
    return tuple(_rule(one, f"{source}: rules.{i}") for i, one in enumerate(value["rules"]))


def _rule(value: Any, where: str) -> Rule:
    _expect_keys(value, {"name", "points", "when"}, where)
    points = value["points"]
    if isinstance(points, bool) or not isinstance(points, (int, float)) or not points > 0:
        raise UsageError(f"{where}.points: a number above 0 was expected, not {points!r}")
    return Rule(str(value["name"]), float(points), _group(value["when"], f"{where}.when"))


def _group(value: Any, where: str) -> Group:
    if not (isinstance(value, dict) and len(value) == 1 and set(value) <= {"all", "any"}):
        raise UsageError(f"{where}: one of 'all' and 'any' with a list was expected")
    [(how, parts)] = value.items()
    if not isinstance(parts, list) or not parts:
        raise UsageError(f"{where}.{how}: a list of at least one condition was expected")
    return Group(
        how == "all", tuple(_part(one, f"{where}.{how}.{i}") for i, one in enumerate(parts))
    )


def _part(value: Any, where: str) -> Condition | Group:
    if isinstance(value, dict) and "column" not in value and len(value) == 1:
        return _group(value, where)
    op = value.get("op") if isinstance(value, dict) else None
    known = {*COMPARISONS, *BARE, LEARNT}
    if isinstance(op, str) and op not in known:
        raise UsageError(f"{where}.op: unknown operation '{op}'{nearest(op, known)}")
    _expect_keys(value, {"column", "op"} | (set() if op in BARE else {"value"}), where)
    return Condition(str(value["column"]), value["op"], _value(op, value.get("value"), where))


def _value(op: Any, value: Any, where: str) -> Any:
    if op == "in":
        if not isinstance(value, list) or not value:
            raise UsageError(f"{where}.value: 'in' wants a list of values, not {value!r}")
        return value
    if op == LEARNT:
        if not isinstance(value, float) or not 0 < value < 1:
            raise UsageError(f"{where}.value: '{LEARNT}' wants a share between 0 and 1")
        return value
    if isinstance(value, (list, dict)):
        raise UsageError(f"{where}.value: '{op}' wants one value, not {value!r}")
    return value


def _expect_keys(value: Any, keys: set[str], where: str) -> None:
    if not isinstance(value, dict):
        raise UsageError(f"{where}: keys {', '.join(sorted(keys))} were expected, not {value!r}")
    for key in sorted(keys - set(value)):
        raise UsageError(f"{where}: '{key}' is missing")
    for key in sorted(set(value) - keys, key=str):
        raise UsageError(f"{where}: unknown key '{key}'{nearest(str(key), keys)}")


def _conditions(group: Group) -> Sequence[Condition]:
    found: list[Condition] = []
    for part in group.parts:
        found += [part] if isinstance(part, Condition) else _conditions(part)
    return found


def _columns(group: Group) -> set[str]:
    return {condition.column for condition in _conditions(group)}


def _with_amount(rule: Rule, amount: str | None) -> Rule:
    if amount is None:
        return rule

    def named(part: Condition | Group) -> Condition | Group:
        if isinstance(part, Group):
            return Group(part.every, tuple(map(named, part.parts)))
        return Condition(amount if part.column == AMOUNT else part.column, part.op, part.value)

    when = named(rule.when)
    assert isinstance(when, Group)
    return Rule(rule.name, rule.points, when)


def _quantile(column: pl.Series, share: float) -> float:
    value = column.cast(pl.Float64).quantile(share, "nearest")
    return float("inf") if value is None else float(value)
