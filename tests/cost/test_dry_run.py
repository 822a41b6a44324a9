"""What is foretold of a run beside the run itself: rows and bytes, never the time."""

from __future__ import annotations

import doctest
import json
from dataclasses import replace

import pytest

from fraudsim import cli
from fraudsim.cost import effort, estimate, shown
from fraudsim.cost.dry_run import MOST_OFF, pace_of, scaled_up
from fraudsim.cost.effort import Coefficients, Work
from fraudsim.cost.sample import counted_in, sample_of
from fraudsim.engine import simulate
from fraudsim.errors import UsageError
from fraudsim.scenario_files import load_scenario

SAMPLE_DAYS = 9_000  # customer days: small, so that there is something to scale
WITHIN = 0.3
VARIED = {
    "cards over a season": (
        *("cards", "calendar.start=2025-11-20", "calendar.days=45", "population.customers=900"),
        "population.block_size=300",
    ),
    "transfers, no fraud": (
        *("payments", "calendar.days=30", "population.customers=900", "attacks=[]"),
        *("honest.logins_per_day=2", "population.joining_per_year=0.4"),
    ),
    "much fraud, few payments": (
        *("tiny", "population.customers=1000", "honest.card_payments_per_day=0.4"),
        *("population.block_size=400", "attacks.0.campaigns=12", "attacks.1.campaigns=30"),
        "attacks.2.campaigns=40",
    ),
}


def scenario_of(preset, *overrides):
    return load_scenario(preset, overrides=overrides)


@pytest.mark.parametrize("name", VARIED)
def test_rows_and_bytes_are_foretold_within_30_percent(name, tmp_path):
    scenario = scenario_of(*VARIED[name])
    told = estimate(scenario, 7, customer_days=SAMPLE_DAYS)
    assert told.sampled_customers < scenario.population.customers / 2
    dataset = simulate(scenario, 7, tmp_path / "run")
    size = sum(path.stat().st_size for path in dataset.path.rglob("*") if path.is_file())
    assert told.bytes == pytest.approx(size, rel=WITHIN)
    for table, rows in dataset.row_counts.items():
        if rows > 500:  # of fewer, chance has more to say
            assert told.rows[table] == pytest.approx(rows, rel=WITHIN), table
    assert set(told.rows) == set(dataset.row_counts)


def test_a_small_scenario_is_its_own_sample(tiny_world):
    scenario = load_scenario("tiny")
    assert sample_of(scenario, 300 * 30) == scenario
    told = estimate(scenario, 7)
    assert told.rows == tiny_world.row_counts
    assert told.bytes == sum(p.stat().st_size for p in tiny_world.path.rglob("*") if p.is_file())
    assert told.sampled_customers == 300
    assert told.seconds > 0


def test_a_sample_keeps_the_calendar_and_one_campaign_of_each_attack():
    scenario = scenario_of("catalogue", "population.customers=1000000")
    sample = sample_of(scenario, 60_000)
    assert sample.calendar == scenario.calendar
    assert sample.population.customers < 1000
    assert all(entry.campaigns >= 1 for entry in sample.attacks)
    none = sample_of(scenario_of("cards", "attacks.0.per_10k_customers_30_days=0"), 60_000)
    assert none.attacks[0].campaigns == 0


def test_frauds_are_counted_by_campaigns(tiny_world):
    scenario = load_scenario("tiny")
    counted = counted_in(tiny_world, scenario, 1.0)
    assert sum(counted.frauds.values()) == tiny_world.row_counts["labels"]
    assert counted.rows == tiny_world.row_counts


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["attacks.0.pattern=card_test"], "unknown attack pattern 'card_test'"),
        (["attacks.0.parameters={cards: -1}"], "attacks.0.parameters.cards"),
        (["attacks.0.evasions=[{evasion: nothing}]"], "unknown evasion 'nothing'"),
    ],
)
def test_the_errors_are_those_of_a_run(overrides, expected, tmp_path):
    scenario = scenario_of("tiny", *overrides, "population.customers=5000")
    with pytest.raises(UsageError) as foretold:
        estimate(scenario)
    with pytest.raises(UsageError) as run:
        simulate(scenario, 1, tmp_path / "run")
    assert expected in str(foretold.value)
    assert str(foretold.value) == str(run.value)


def test_workers_are_as_in_a_run(tiny_world):
    scenario = load_scenario("tiny")
    with pytest.raises(UsageError, match="workers must be at least 1, not 0"):
        estimate(scenario, workers=0)
    counted = counted_in(tiny_world, scenario, 1.0)
    told = scaled_up(scenario, scenario, counted, workers=8, cores=8)
    assert told.workers == 3  # as many as blocks


def test_the_command_prints_it_and_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    small = [f"--set={one}" for one in ("population.customers=60", "calendar.days=8", "attacks=[]")]
    command = ["simulate", "tiny", "--dry-run", "--workers", "2", *small]
    assert cli.main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "nothing was written; a run of tiny would come to about"
    names = [line.split()[0] for line in lines[1:-1]]
    assert names == [
        *("transactions", "events", "frauds", "campaigns", "customers", "disk", "time", "memory")
    ]
    assert cli.main([*command, "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert (value["scenario"], value["workers"], value["fraud_rows"]) == ("tiny", 1, 0)
    assert lines[1].split() == ["transactions", shown.about(value["rows"]["transactions"])]
    assert cli.main([*command, "--set=attacks=[{pattern: card_testin, campaigns: 1}]"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "unknown attack pattern 'card_testin'" in printed.err
    assert list(tmp_path.iterdir()) == []


WORK = Work(
    customers=10_000, merchants=15_000, blocks=4, days=90, rows=2_000_000, frauds=100, workers=1
)


@pytest.fixture
def ones():
    """Coefficients that are all 1: what is left are the counts."""
    measured = dict.fromkeys(effort.Measured.model_fields, 1) | {"python": "3.11"}
    return Coefficients(
        version=1,
        measured=measured,
        seconds=dict.fromkeys(effort.Seconds.model_fields, 1),
        memory_bytes=dict.fromkeys(effort.Memory.model_fields, 1),
    )


def test_workers_share_the_blocks_and_cores_bound_them(ones):
    alone = effort.seconds(WORK, ones, cores=4, fraud=1)
    assert alone.cpu == alone.wall
    shared = effort.seconds(WORK._replace(workers=2), ones, cores=4, fraud=1)
    assert alone.wall / 2 < shared.wall < alone.wall
    assert shared.cpu > alone.cpu  # each makes the world again
    uneven = effort.seconds(WORK._replace(workers=3), ones, cores=4, fraud=1)
    assert uneven.wall > 0.95 * shared.wall  # four blocks among three: two for one of them
    one_core = effort.seconds(WORK._replace(workers=2), ones, cores=1, fraud=1)
    assert one_core.wall == one_core.cpu


def test_memory_adds_up_over_processes(ones):
    alone = effort.peak_memory_bytes(WORK, ones)
    counts = effort.centre_memory_counts(WORK)
    assert alone == sum(counts.values())
    assert counts["month_row"] == pytest.approx(2_000_000 * 31 / 90)
    assert counts["block_month_row"] == pytest.approx(2_000_000 * 31 / 90 / 4)
    shared = WORK._replace(workers=2)
    held = effort.worker_memory_counts(shared)
    assert held["customer"] == 5_000
    expected = sum(effort.centre_memory_counts(shared).values()) + sum(held.values())
    assert effort.peak_memory_bytes(shared, ones) == expected


def test_rows_wait_for_their_month_as_far_as_they_may():
    large = WORK._replace(blocks=400, rows=400_000_000)
    assert large.month_rows == pytest.approx((1 << 24) + 400_000_000 / 90, rel=0.01)
    assert large._replace(days=400).month_rows == pytest.approx((1 << 24) + 1_000_000, rel=0.01)


def test_the_coefficients_that_come_along_are_sound():
    known = effort.coefficients()
    assert known.seconds.row + known.seconds.customer_day > 0
    assert known.memory_bytes.start > 10_000_000
    text = effort.OURS.read_text(encoding="utf-8")
    for section in (effort.Seconds, effort.Memory):
        for field in section.model_fields.values():
            assert f"# {field.description}\n" in text


def test_what_is_shown_is_rounded():
    assert doctest.testmod(shown).failed == 0
    assert shown.about(0) == "0"
    assert shown.bytes_in_words(2.84e12) == "2.8 TB"
    assert shown.time_in_words(300_000) == "3.5 days"


def test_machines_are_compared_by_the_reference_run_and_not_by_the_sample(tmp_path):
    scenario = scenario_of("tiny", "calendar.days=8", "population.customers=150")
    sample = counted_in(simulate(scenario, 7, tmp_path / "world"), scenario, cpu_seconds=2.0)
    honest = replace(sample, cpu_seconds=0.5)
    known = effort.coefficients().measured.reference_seconds
    as_measured = pace_of(sample, honest, known)
    assert as_measured.slowness == 1.0
    assert as_measured.fraud == pytest.approx(1.5 / sample.rows["labels"])
    twice = pace_of(sample, honest, 2 * known)
    assert twice.slowness == 2.0
    assert twice.fraud == pytest.approx(as_measured.fraud / 2)
    assert pace_of(sample, honest, 1_000 * known).slowness == MOST_OFF
