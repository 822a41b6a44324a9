"""The tutorial's patterns: short, of attacks that the catalogue has not, true to their story."""

from pathlib import Path

import numpy as np
import pytest

from fraudsim.attacks.kit.rehearsal import answer_all, answer_none, rehearse
from fraudsim.registry import ATTACKS, discover
from fraudsim.rows import LOGIN, TRANSFER

FILES = sorted((Path(__file__).parents[2] / "docs" / "tutorial").glob("*.*"))
PATTERNS = discover(ATTACKS, FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_pattern_takes_forty_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 40
    assert path.stem not in discover(ATTACKS)


def test_cards_of_a_parking_page_are_billed_the_same_sum_a_week_apart():
    pattern = PATTERNS["parking_app_qr"]()
    rows = rehearse(pattern, answer_all, seed=1).rows
    fees, bills = (rows[rows["stage"] == stage] for stage in (0, 1))
    assert len(np.unique(fees["merchant"])) == 1
    assert set(bills["customer"]) == set(fees["customer"])
    for customer in np.unique(bills["customer"]):
        mine = bills[bills["customer"] == customer]
        assert len(mine) == pattern.bills
        assert len(np.unique(mine["amount_minor"])) == len(np.unique(mine["merchant"])) == 1
        assert np.all(np.abs(np.diff(mine["time_us"]) / 86.4e9 - 7) < 2)


def test_remote_access_ends_after_two_refusals():
    rows = rehearse(PATTERNS["tech_support_remote_access"](), answer_none, seed=1).rows
    assert (rows["kind"] == TRANSFER).sum() == 2
    assert len(np.unique(rows["device"][np.isin(rows["kind"], (LOGIN, TRANSFER))])) == 1
