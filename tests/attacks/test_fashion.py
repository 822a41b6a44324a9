"""What fraudsters learn from each other: one fashion for a world, and a craft that grows."""

import numpy as np
import pytest

from fraudsim.attacks.kit.fashion import DAYS, LEARNT_PER_YEAR, LOG_SD, WORN_OUT, in_fashion, learnt
from fraudsim.streams import Streams

NAMES = [f"category {k}" for k in range(400)]


def test_a_fashion_depends_on_seed_name_and_day_alone():
    now = in_fashion(Streams(7), NAMES, 30.0)
    assert (now == in_fashion(Streams(7), NAMES, 30.0)).all()
    assert (now[::-1] == in_fashion(Streams(7), NAMES[::-1], 30.0)).all()
    assert (now != in_fashion(Streams(8), NAMES, 30.0)).all()


@pytest.mark.parametrize("day", [0.0, 0.25 * DAYS, 0.5 * DAYS, 3.9 * DAYS])
def test_the_spread_is_the_same_on_all_days(day):
    log = np.log(in_fashion(Streams(1), NAMES, day))
    assert log.std() == pytest.approx(LOG_SD, rel=0.12)
    assert log.mean() == pytest.approx(0.0, abs=0.1)


def test_a_fashion_changes_step_by_step_and_is_another_in_the_end():
    today, tomorrow, later = (
        np.log(in_fashion(Streams(1), NAMES, day)) for day in (44.9, 45.1, 45.0 + 2 * DAYS)
    )
    assert np.abs(today - tomorrow).max() < 0.05
    assert abs(np.corrcoef(today, later)[0, 1]) < 0.15


def test_what_was_in_fashion_is_worn_out_next():
    now, then = (np.log(in_fashion(Streams(1), NAMES, day)) for day in (0.0, float(DAYS)))
    expected = -WORN_OUT / (1 + WORN_OUT**2)
    assert np.corrcoef(now, then)[0, 1] == pytest.approx(expected, abs=0.15)


def test_craft_grows_around_that_of_the_scenario():
    assert learnt(0.5, 90.0, 180) == 0.5
    gained = learnt(0.5, 180.0, 180) - learnt(0.5, 0.0, 180)
    assert gained == pytest.approx(LEARNT_PER_YEAR * 180 / 365)
    assert learnt(0.95, 3_650.0, 3_650) == 1.0
    assert learnt(0.05, 0.0, 3_650) == 0.0
