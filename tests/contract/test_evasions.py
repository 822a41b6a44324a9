"""The contract over every evasion, around every pattern of ours."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fraudsim.attacks.kit.evasion import STAGE
from fraudsim.attacks.kit.rehearsal import answer_all, answer_none, answer_some, rehearse
from fraudsim.registry import ATTACKS, EVASIONS, discover
from fraudsim.rows import PURCHASE, WEB

if TYPE_CHECKING:
    from pathlib import Path

PATTERNS = discover(ATTACKS)
EVASION = discover(EVASIONS)
FIVE = {"proxy", "device_spoofing", "camouflage", "pacing", "mimicry"}


def test_the_five_ways_to_hide_are_there():
    assert set(EVASION) >= FIVE


@pytest.mark.parametrize("name", EVASION)
def test_an_evasion_is_described(name):
    cls = EVASION[name]
    assert cls.__doc__
    assert cls.summary
    assert cls.sources
    assert cls.f3
    assert all(re.fullmatch(r"[FT]\d{4}(\.\d{3})?", code) for code in cls.f3)
    for field in cls.model_fields.values():
        assert field.description
        assert json.dumps(field.json_schema_extra)


@pytest.mark.parametrize("name", EVASION)
@pytest.mark.parametrize("pattern", ["card_testing", "account_takeover", "fan_out"])
def test_a_story_ends_with_it_around_whatever_the_bank_says(name, pattern):
    for bank in (answer_all, answer_none, answer_some(1)):
        rehearse(PATTERNS[pattern](), bank, 1, evasions=[EVASION[name]()])
    rehearse(PATTERNS[pattern](), answer_all, 1, customers=1, evasions=[EVASION[name]()])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_story_ends_with_all_of_them_around(pattern):
    every = [cls() for cls in EVASION.values()]
    for bank in (answer_all, answer_none, answer_some(1)):
        rehearse(PATTERNS[pattern](), bank, 1, evasions=every)


@pytest.mark.parametrize("name", EVASION)
def test_it_repeats_itself_and_changes_something(name):
    spree = PATTERNS["card_not_present_spree"]()
    evasions = [EVASION[name]()]
    one, again, plain = (
        [rehearse(spree, answer_all, seed, evasions=used).rows for seed in range(4)]
        for used in (evasions, evasions, [])
    )
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(one, plain, strict=True))


def _online(*names: str, **parameters: float) -> np.ndarray:
    spree = PATTERNS["card_not_present_spree"]()
    evasions = [EVASION[name](**parameters) for name in names]
    played = [rehearse(spree, answer_all, seed, evasions=evasions).payments for seed in range(12)]
    rows = np.concatenate(played)
    return rows[(rows["kind"] == PURCHASE) & (rows["entry"] == WEB)]


def test_a_proxy_comes_from_home():
    assert len(np.unique(_online()["ip_country"])) > 1
    assert len(np.unique(_online("proxy")["ip_country"])) == 1


def test_a_spoofed_device_is_the_holders():
    spoofed = _online("device_spoofing")
    assert (spoofed["device"] == spoofed["customer"].astype(np.int64) * 16 + 1).all()


def test_pacing_spreads_a_batch():
    def median_gap_us(rows: np.ndarray) -> float:
        order = np.lexsort((rows["time_us"], rows["customer"]))
        gaps = np.diff(rows["time_us"][order])
        return float(np.median(gaps[np.diff(rows["customer"][order]) == 0]))

    assert median_gap_us(_online("pacing", times=20.0)) > 2 * median_gap_us(_online())


def test_mimicry_pays_less_and_by_day():
    copied, plain = _online("mimicry"), _online()
    assert np.median(copied["amount_minor"]) < np.median(plain["amount_minor"])


def test_camouflage_adds_small_purchases_under_a_stage_of_its_own():
    stages = PATTERNS["card_not_present_spree"].stages
    rows = _online("camouflage", purchases=3.0)
    added = rows["stage"] == (*stages, STAGE).index(STAGE)
    assert 0 < added.sum() < len(rows)
    assert np.median(rows["amount_minor"][added]) < np.median(rows["amount_minor"][~added])


def test_evasions_compose():
    rows = _online("proxy", "device_spoofing", "camouflage")
    assert len(np.unique(rows["ip_country"])) == 1
    assert (rows["stage"] == len(PATTERNS["card_not_present_spree"].stages)).any()


def test_a_scenario_names_them(tmp_path: Path):
    from fraudsim.engine import simulate
    from fraudsim.errors import UsageError
    from fraudsim.scenario_files import load_scenario

    base = load_scenario("tiny").model_dump(mode="json")
    base["attacks"] = [
        {
            "pattern": "card_not_present_spree",
            "campaigns": 2,
            "evasions": [{"evasion": "proxy"}, {"evasion": "camouflage"}],
        }
    ]
    scenario = load_scenario("tiny").model_validate(base)
    dataset = simulate(scenario, 7, tmp_path / "world")
    campaigns = dataset.table("campaigns").collect()
    assert all(json.loads(d)["evasions"] == "proxy camouflage" for d in campaigns["drawn"])

    base["attacks"][0]["evasions"][1]["evasion"] = "camouflag"
    wrong = load_scenario("tiny").model_validate(base)
    with pytest.raises(UsageError, match=r"attacks\.0\.evasions\.1\.evasion: unknown evasion") as e:
        simulate(wrong, 7, tmp_path / "other")
    assert "camouflage" in str(e.value)
