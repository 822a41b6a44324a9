"""Keys: every id once, every reference to something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.quality.check import Check, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fraudsim.quality.subject import Subject

SHOWN = 20
"""Problems that the detail lists at most."""


def _keys(subject: Subject) -> Iterator[Measurement]:
    if subject.dataset is not None:
        problems = subject.dataset.check_keys()
        said = problems[0] if problems else "every id is unique and every reference leads somewhere"
        yield Measurement("keys", len(problems), f"{said}.", detail={"problems": problems[:SHOWN]})
        return
    ids = subject.need("tx_id")["tx_id"]
    missing = ids.null_count()
    repeated = ids.drop_nulls().len() - ids.drop_nulls().n_unique()
    yield Measurement(
        "keys",
        repeated + missing,
        f"{repeated:,} of {ids.len():,} rows repeat an id and {missing:,} have none.",
    )


def _ledger(subject: Subject) -> Iterator[Measurement]:
    problems = subject.need_dataset().check_ledger()
    said = problems[0] if problems else "every amount that leaves an account is booked and arrives"
    yield Measurement("ledger", len(problems), f"{said}.", detail={"problems": problems[:SHOWN]})


CHECKS = (
    Check("invariants", "keys", "Is every id unique, and does every reference exist?", _keys),
    Check("invariants", "ledger", "Is no money made or lost?", _ledger),
)
