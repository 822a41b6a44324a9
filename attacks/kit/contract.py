"""What every attack pattern must keep to, ours and anybody's; each check says what to change.

``broken(MyPattern)`` returns an empty dict when all is well.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from pydantic import ValidationError

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.form import strange
from fraudsim.attacks.kit.rehearsal import (
    Bank,
    EndlessError,
    answer_all,
    answer_some,
    answer_with,
    rehearse,
    small_world,
)
from fraudsim.attacks.kit.taxonomy import Taxonomy
from fraudsim.errors import CheckFailedError, FraudsimError
from fraudsim.registry import source_file
from fraudsim.schema import RESPONSE_CODES

if TYPE_CHECKING:
    from fraudsim.attacks.kit.pattern import AttackPattern

Check = Callable[["type[AttackPattern]"], None]

SEEDS = range(5)
"""Campaigns rehearsed by most checks."""
MANY_SEEDS = range(80)
"""Campaigns rehearsed to see every stage."""

EXPECTED_SEEDS = range(30)
"""Campaigns rehearsed for what a pattern expects, and for what its rows look like."""

SHORT_RUNS = (1, 2, 7, 30)
"""Lengths of runs, in days, that end before most stories do."""

MOST_ACTIONS = 2_000
"""Batches that a campaign may hand over, parameters at their defaults: each is a round of the bank.
A world of a year has some thousand campaigns."""

MOST_ROWS = 20_000
"""Attempts that a campaign may make, parameters at their defaults."""

_F3 = re.compile(r"[FT]\d{4}(\.\d{3})?")


def is_described(cls: type[AttackPattern]) -> None:
    """It has a story, a name, a summary, stages, sources, a look-alike and F3 techniques."""
    if not (cls.__dict__.get("__doc__") or "").strip():
        _fail(cls, "has no docstring; tell the story of one campaign there")
    for field, what in (
        ("summary", "one line for lists"),
        ("sources", "where the pattern and its numbers are from"),
        ("look_alike", "the honest behaviour that it hides among"),
        ("stages", "the names of its steps"),
    ):
        value = getattr(cls, field, None)
        empty = not value or (isinstance(value, tuple) and not all(value))
        if empty or isinstance(value, str) != (field in ("summary", "look_alike")):
            _fail(cls, f"has no {field}; give {what}")
    if len(set(cls.stages)) < len(cls.stages):
        _fail(cls, f"names a stage twice: {', '.join(cls.stages)}")
    codes = getattr(cls, "taxonomy", Taxonomy()).f3
    wrong = [code for code in codes if not _F3.fullmatch(code)]
    if wrong or not codes:
        got = ", ".join(wrong) or "none"
        _fail(cls, f"taxonomy.f3 should hold F3 techniques such as F1012 or T1110.004, not: {got}")


def is_named_like_its_file(cls: type[AttackPattern]) -> None:
    """Its ``name`` is the name of the file."""
    path = Path(source_file(cls) or "")
    if cls.name != path.stem:
        _fail(cls, f"is named '{cls.name}' in the file {path.name}; make the two equal")


def explains_its_parameters(cls: type[AttackPattern]) -> None:
    """Every parameter has a default, a meaning and a source."""
    for name, field in cls.model_fields.items():
        extra = field.json_schema_extra
        source = extra.get("source") if isinstance(extra, dict) else None
        if field.is_required() or not field.description or not source:
            _fail(cls, f"{name}: declare it as parameter(default, 'meaning', 'source', ...)")


def refuses_unknown_parameters(cls: type[AttackPattern]) -> None:
    """A parameter that it does not have is an error, and one that it has cannot be changed."""
    try:
        cls.model_validate({"no_such_parameter": 1})
    except ValidationError:
        pass
    else:
        _fail(cls, "takes unknown parameters; leave model_config as AttackPattern has it")
    if not cls.model_config.get("frozen"):
        _fail(cls, "can be changed after it was made; leave model_config as AttackPattern has it")


def keeps_its_time(cls: type[AttackPattern]) -> None:
    """A campaign is bounded work: so many batches and rows at most, whatever the bank says."""
    for seed in SEEDS:
        for bank in (answer_all, answer_some(seed)):
            run = rehearse(_made(cls), bank, seed, days=400)
            actions, rows = len(run.answers), len(run.rows)
            if actions > MOST_ACTIONS or rows > MOST_ROWS:
                raise EndlessError(
                    f"{cls.name}: hands over {actions:,} batches with {rows:,} rows for seed "
                    f"{seed}, where {MOST_ACTIONS:,} and {MOST_ROWS:,} are allowed; act on many "
                    "victims in one batch, or bound the loop lower",
                )


def repeats(cls: type[AttackPattern]) -> None:
    """The same seed gives the same rows."""
    for seed in SEEDS:
        if not np.array_equal(
            _rows(cls, answer_some(seed), seed), _rows(cls, answer_some(seed), seed)
        ):
            _fail(
                cls, f"does not repeat itself for seed {seed}; draw from scene.rng and nothing else"
            )


def varies(cls: type[AttackPattern]) -> None:
    """Another seed gives other rows: amounts or gaps, not only another day's clock."""
    seen = {_shape_of(_rows(cls, answer_all, seed)) for seed in SEEDS}
    if len(seen) < len(SEEDS):
        _fail(cls, "makes the same amounts for different seeds; draw them from scene.rng")


def draws_from_the_scene_alone(cls: type[AttackPattern]) -> None:
    """Neither ``random`` nor numpy's global generator matters, and neither is moved."""
    python_state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002 -- watched
    try:
        one, other = (_with_globals(cls, seed) for seed in (1, 2))
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)  # noqa: NPY002 -- put back
    if not np.array_equal(one, other):
        _fail(cls, "depends on a global generator; draw from scene.rng and nothing else")


def _with_globals(cls: type[AttackPattern], seed: int) -> np.ndarray:
    """Rehearse with the global generators seeded, and see that they were not moved."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 -- the generator that patterns must not use
    before = (random.getstate(), repr(np.random.get_state()))  # noqa: NPY002 -- watched
    rows = _rows(cls, answer_some(0), 0)
    if before != (random.getstate(), repr(np.random.get_state())):  # noqa: NPY002 -- watched
        _fail(cls, "draws from a global generator; draw from scene.rng and nothing else")
    return rows


def ends_whatever_the_bank_says(cls: type[AttackPattern]) -> None:
    """It ends by itself when all, none or some payments are approved, for any reason given."""
    for seed in SEEDS:
        banks = [answer_all, answer_some(seed), *(answer_with(code) for code in RESPONSE_CODES)]
        for bank in banks:
            rehearse(_made(cls), bank, seed)


def survives_a_small_world(cls: type[AttackPattern]) -> None:
    """One customer is enough to run, and a run may be over in a day."""
    for seed in SEEDS:
        rehearse(_made(cls), answer_all, seed, customers=1)
        rehearse(_made(cls), answer_all, seed, days=1, start_day=0)


def stays_inside_the_run(cls: type[AttackPattern]) -> None:
    """It never turns the clock back, and lets itself be stopped when the run is over."""
    for seed in SEEDS:
        for days in SHORT_RUNS:
            # the stage refuses what lies before the clock, and answers nothing after the run
            rehearse(_made(cls), answer_all, seed, days=days, start_day=days // 2)


def leaks_nothing_by_form(cls: type[AttackPattern]) -> None:
    """Keys, empty fields, digits and the clock's hands are as in honest rows."""
    played = [
        # starts that differ to the second, as those of a run do
        rehearse(_made(cls), answer_some(seed), seed, days=400, start_s=5_501.7 * (seed % 15))
        for seed in EXPECTED_SEEDS
    ]
    for reason in strange(played, small_world(400, 400)):
        _fail(cls, reason)


def does_what_it_declares(cls: type[AttackPattern]) -> None:
    """It moves money, and every declared stage occurs."""
    seen: set[int] = set()
    for seed in MANY_SEEDS:
        payments = rehearse(_made(cls), answer_all, seed, days=400).payments
        seen |= set(payments["stage"].tolist())
        if len(seen) == len(cls.stages):
            return
    if not seen:
        _fail(
            cls, f"moved no money in {len(MANY_SEEDS)} rehearsals; yield scene.charge or the like"
        )
    unused = [name for index, name in enumerate(cls.stages) if index not in seen]
    _fail(cls, f"declares stages that never occur: {', '.join(unused)}")


def meets_its_expectations(cls: type[AttackPattern]) -> None:
    """What it says of its campaigns (``expectations``) is so."""
    if not cls.expectations:
        return
    played = [rehearse(_made(cls), answer_all, seed, days=400) for seed in EXPECTED_SEEDS]
    campaigns = [run.payments for run in played if len(run.payments)]
    if not campaigns:
        _fail(cls, "moved no money, so nothing can be expected; yield scene.charge or the like")
    for expected in cls.expectations:
        found = expected.median(campaigns)
        if not expected.low <= found <= expected.high:
            _fail(
                cls,
                f"expects a median {expected.measure} of {expected.low:g} to {expected.high:g} and "
                f"has {found:g}; mend the story, or the expectation and its reason",
            )


CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        is_described,
        is_named_like_its_file,
        explains_its_parameters,
        refuses_unknown_parameters,
        keeps_its_time,
        repeats,
        varies,
        draws_from_the_scene_alone,
        ends_whatever_the_bank_says,
        survives_a_small_world,
        stays_inside_the_run,
        leaks_nothing_by_form,
        does_what_it_declares,
        meets_its_expectations,
    )
}
"""The contract, in the order in which to mend what is broken."""


def broken(cls: type[AttackPattern]) -> dict[str, str]:
    """Return what a pattern breaks: name of the check -> what is wrong and what would be right."""
    found: dict[str, str] = {}
    for name, check in CHECKS.items():
        try:
            check(cls)
        except FraudsimError as error:
            found[name] = str(error)
    return found


def _made(cls: type[AttackPattern]) -> AttackPattern:
    """Return the pattern with its defaults."""
    try:
        return cls()
    except ValidationError as error:
        what = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'as a whole'}: {one['msg']}"
            for one in error.errors()
        )
        _fail(cls, f"cannot be made with its defaults ({what}); give every parameter one that fits")


def _rows(cls: type[AttackPattern], bank: Bank, seed: int) -> np.ndarray:
    return rehearse(_made(cls), bank, seed).rows


def _shape_of(rows: np.ndarray) -> bytes:
    """Return what is the campaign's own in its rows: the amounts, in order."""
    payments = rows[rows["kind"] < row_codes.FIRST_EVENT]
    return payments["amount_minor"].tobytes()


def _fail(cls: type[AttackPattern], reason: str) -> NoReturn:
    raise CheckFailedError(f"{getattr(cls, 'name', cls.__name__)}: {reason}")
