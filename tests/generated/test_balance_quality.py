"""The quality page: what leaks fails, and fresh draws from the same distribution pass."""

import json
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from fraudsim.balance_quality import MadeRows, Sequences, judge, judge_rebalancer
from fraudsim.balance_quality.fidelity import kolmogorov_smirnov, total_variation
from fraudsim.errors import UsageError
from fraudsim.rebalancers.gaussian_copula import GaussianCopula
from fraudsim.rebalancers.none import NoRebalancing
from fraudsim.rebalancers.random_over import RandomOver

NUMBERS = ("amount", "gap", "v0", "v1", "v2", "v3")


def drawn(rows, seed, shift=0.0):
    """Frauds of one distribution."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=rows) + shift
    gap = pl.Series(rng.exponential(100, rows))
    return pl.DataFrame(
        {
            "amount": np.exp(3 + z + 0.3 * rng.normal(size=rows)).round(2),
            "gap": gap.set(pl.Series(rng.random(rows) < 0.2), None),
            "kind": pl.Series(np.where(z > 0, "ecom", "pos")).cast(pl.Enum(["ecom", "pos"])),
            "new": rng.random(rows) < 0.5,
            "nothing": pl.Series([None] * rows, dtype=pl.Int64),
            **{f"v{k}": rng.normal(size=rows) + 0.3 * k * z for k in range(4)},
        }
    )


def fresh(frauds):
    """What simulating more does: rows of the same kind that look at no given row."""
    return drawn(4 * frauds.height, 99)


def noisy_copies(frauds, noise=0.02):
    """A generator that leaks: every row is a training row, with a little noise on the numbers."""
    rng = np.random.default_rng(2)
    rows = frauds[rng.integers(0, frauds.height, 4 * frauds.height)]
    return rows.with_columns(
        [
            pl.col(name) + pl.Series(noise * frauds[name].std() * rng.normal(size=rows.height))
            for name in NUMBERS
        ]
    )


def judged(remake, **given):
    train = drawn(300, 1)
    return judge(MadeRows(train, drawn(300, 2), remake(train), remake=remake, **given))


def verdicts(judgement):
    return {finding.id: finding.verdict for finding in judgement.findings}


@pytest.fixture(scope="module")
def leaky():
    return judged(noisy_copies)


@pytest.fixture(scope="module")
def clean():
    return judged(fresh)


def test_noisy_copies_fail_the_privacy_page(leaky):
    found = verdicts(leaky)
    assert found["membership.real_rows"] == "fail"
    assert found["membership.canaries"] == "fail"
    assert not leaky.keeps_privacy
    assert leaky.verdict.startswith("Do not share rows")


def test_noisy_copies_look_good_otherwise(leaky):
    """They are like real frauds and none is an exact copy: only an attack finds the leak."""
    found = verdicts(leaky)
    assert found["fidelity.column_shapes"] == "pass"
    assert found["fidelity.pair_trends"] == "pass"
    assert found["copies.exact"] == "pass"


def test_fresh_draws_pass_all_that_can_be_asked(clean):
    found = verdicts(clean)
    assert found.pop("sequences.coherence") == "not_made"
    assert found.pop("copies.near") == "info"
    assert set(found.values()) == {"pass"}
    assert clean.keeps_privacy


@pytest.mark.parametrize("seed", range(3, 9))
def test_fresh_draws_pass_with_any_seed(seed):
    """Bands of chance hold, also for other halves, canaries and folds."""
    assert judged(fresh, seed=seed).keeps_privacy


def test_a_leak_of_a_tenth_of_the_rows_is_found_by_the_canaries():
    def partly(frauds):
        return pl.concat([fresh(frauds), noisy_copies(frauds).head(frauds.height // 2)])

    found = judged(partly)
    canaries = next(one for one in found.findings if one.id == "membership.canaries")
    assert canaries.verdict == "fail"
    assert 0 < canaries.value < 1


def test_exact_copies_fail_and_coarse_rows_that_are_often_equal_do_not():
    train = drawn(300, 1)
    made = pl.concat([drawn(270, 5), train.head(30)])
    assert verdicts(judge(MadeRows(train, drawn(300, 2), made)))["copies.exact"] == "fail"
    coarse = [drawn(300, seed).select("kind", "new") for seed in (1, 2, 3)]
    assert verdicts(judge(MadeRows(*coarse)))["copies.exact"] == "pass"


def test_other_rows_are_found_out():
    train = drawn(300, 1)
    found = verdicts(judge(MadeRows(train, drawn(300, 2), drawn(300, 3, shift=4.0))))
    assert found["fidelity.column_shapes"] == "fail"
    assert found["fidelity.detection"] == "fail"


def test_columns_that_do_not_go_together_are_found_out():
    """Every column is right by itself."""
    train, rng = drawn(300, 1), np.random.default_rng(1)
    shuffled = pl.DataFrame([column[rng.permutation(300)] for column in drawn(300, 3)])
    found = {one.id: one for one in judge(MadeRows(train, drawn(300, 2), shuffled)).findings}
    assert found["fidelity.column_shapes"].verdict == "pass"
    assert found["fidelity.pair_trends"].verdict != "pass"


def campaigns(count, seed, gap_s=600.0):
    """Rows of campaigns: a probe, then purchases, some minutes apart."""
    rng = np.random.default_rng(seed)
    rows = []
    for campaign in range(count):
        at = datetime(2025, 1, 1) + timedelta(days=float(rng.uniform(0, 30)))  # noqa: DTZ001 -- any zone
        for step in range(int(rng.integers(2, 6))):
            rows.append((campaign, at, "probe" if step == 0 else "buy"))
            at += timedelta(seconds=float(rng.exponential(gap_s)))
    return pl.DataFrame(rows, schema=["campaign_id", "event_time", "stage"], orient="row")


def in_sequence(made):
    sequences = Sequences(campaigns(300, 1), made, "campaign_id", "event_time", of="stage")
    train = drawn(100, 1)
    given = MadeRows(train, drawn(100, 2), drawn(100, 3), sequences=sequences)
    return {key: value for key, value in verdicts(judge(given)).items() if "sequences" in key}


def test_whole_campaigns_are_coherent_and_hasty_or_shuffled_ones_are_not():
    assert set(in_sequence(campaigns(80, 2)).values()) == {"pass"}
    assert in_sequence(campaigns(80, 2, gap_s=20.0))["sequences.coherence_gaps"] == "fail"
    mixed_up = campaigns(300, 2).with_columns(pl.col("event_time").shuffle(seed=1))
    assert in_sequence(mixed_up)["sequences.coherence_gaps"] == "fail"
    backwards = campaigns(300, 2).with_columns(pl.col("stage").reverse().over("campaign_id"))
    assert in_sequence(backwards)["sequences.coherence_order"] == "fail"


def test_rows_without_ids_and_a_method_that_cannot_run_again_are_said_so():
    train = drawn(100, 1)
    judgement = judge(MadeRows(train, drawn(100, 2), drawn(100, 3)))
    said = {one.id: one.sentence for one in judgement.findings if one.verdict == "not_made"}
    assert "carry neither whose they are" in said["sequences.coherence"]
    assert "no canaries could be planted" in said["membership.canaries"]
    assert not judgement.keeps_privacy
    assert "is open" in judgement.verdict


def test_the_judgement_is_json_and_a_page_that_stands_alone(leaky, tmp_path):
    page = leaky.write(tmp_path / "made.html").read_text(encoding="utf-8")
    assert leaky.verdict in page
    assert "<script" not in page
    assert "http:" not in page
    assert all(finding.id in page for finding in leaky.findings)
    value = json.loads(leaky.write(tmp_path / "made.json").read_text(encoding="utf-8"))
    assert value["format"] == "fraudsim.balance_quality/1"
    assert value["keeps_privacy"] is False
    assert len(value["findings"]) == len(leaky.findings)
    for finding in value["findings"]:
        assert finding["sentence"]
    with pytest.raises(UsageError, match=r"ends in \.html or \.json"):
        leaky.write(tmp_path / "made.txt")


def test_the_same_seed_gives_the_same_judgement(clean):
    assert judged(fresh).as_dict() == clean.as_dict()


def test_a_method_is_judged_on_half_of_the_frauds():
    frame = pl.concat([drawn(300, 1), drawn(900, 4, shift=-1.0)])
    y = np.arange(1200) < 300
    copula = judge_rebalancer(GaussianCopula(ratio=0.6), frame, y)
    assert copula.subject == "gaussian_copula"
    assert copula.rows == {"train": 150, "held_out": 150, "made": 390}
    assert copula.keeps_privacy
    copied = judge_rebalancer(RandomOver(ratio=0.6), frame, y)
    assert {one.id for one in copied.failed} >= {"copies.exact", "membership.canaries"}
    with pytest.raises(UsageError, match="none adds no frauds"):
        judge_rebalancer(NoRebalancing(), frame, y)
    with pytest.raises(UsageError, match="30 known frauds are too few"):
        judge_rebalancer(RandomOver(), frame, np.arange(1200) < 30)


def test_tables_that_cannot_be_compared_are_refused():
    train = drawn(100, 1)
    with pytest.raises(UsageError, match="made has other columns or types than train"):
        MadeRows(train, train, train.drop("gap"))
    with pytest.raises(UsageError, match="held_out has 5 rows; 20 or more"):
        MadeRows(train, train.head(5), train)
    with pytest.raises(UsageError, match="the made sequences have no column 'event_time'"):
        Sequences(campaigns(2, 1), campaigns(2, 1).drop("event_time"), "campaign_id", "event_time")


def test_distances_of_distributions_by_hand():
    assert kolmogorov_smirnov(np.array([1.0, 2.0]), np.array([1.0, 3.0])) == 0.5
    assert kolmogorov_smirnov(np.array([-np.inf, 2.0]), np.array([2.0, 2.0])) == 0.5
    assert total_variation(pl.Series(["a", None]), pl.Series(["a", "a"])) == 0.5
