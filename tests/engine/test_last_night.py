"""A run may end with a month: what arrives in its last night belongs to that month's files."""

from fraudsim.engine import simulate
from fraudsim.scenario_files import load_scenario

MONTH = ["calendar.days=31", "attacks=[]", "honest.transfers_per_month=20"]


def test_a_run_that_ends_with_a_month_is_written(tmp_path):
    dataset = simulate(load_scenario("tiny", overrides=MONTH), 7, tmp_path / "run")
    moments = dataset.table("transactions").collect()["event_time"]
    assert (moments.dt.month() == 1).all()
    last = moments.max()
    assert (last.day, last.hour, last.minute) == (31, 23, 59)  # deposits of the night after
