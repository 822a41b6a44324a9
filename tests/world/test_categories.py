from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic import ValidationError

from fraudsim.scenario import Population
from fraudsim.schema import PERSONAS
from fraudsim.world import categories as module
from fraudsim.world.categories import (
    LUT_SIZE,
    MINUTES_PER_DAY,
    Category,
    Endings,
    category_columns,
    load_categories,
    minute_lut,
)

columns = category_columns()
BY_NAME: dict[str, Category] = {category.name: category for category in load_categories()}


def raw_file() -> Any:
    path = module.files("fraudsim.world").joinpath("categories.yaml")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def has_source_for_its_numbers(value: Any, *, sourced: bool = False) -> bool:
    """Whether every number in ``value`` stands at or below a mapping with a source."""
    if isinstance(value, dict):
        sourced = sourced or bool(value.get("source"))
        return all(has_source_for_its_numbers(part, sourced=sourced) for part in value.values())
    if isinstance(value, list):
        return all(has_source_for_its_numbers(part, sourced=sourced) for part in value)
    return sourced or isinstance(value, bool | str)


def test_every_number_has_a_source_beside_it():
    assert has_source_for_its_numbers(raw_file())


def test_that_a_missing_source_would_be_seen():
    raw = raw_file()
    del raw["categories"][3]["outlets"]["source"]
    assert not has_source_for_its_numbers(raw)
    with pytest.raises(ValidationError, match="source"):
        Category.model_validate(raw["categories"][3])


def test_attacks_find_the_categories_they_need():
    needed = "digital_goods electronics gift_cards gambling crypto_exchange money_transfer cash"
    assert set(needed.split()) <= set(columns.names)
    assert columns.mcc[columns.index("cash")] == (6011,)
    recurring = {name for name, flag in zip(columns.names, columns.recurring, strict=True) if flag}
    assert recurring == {"telecom", "streaming", "utilities", "insurance"}


# spot checks against ISO 18245, as the card networks print it
@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("grocery", "5411", "Grocery Stores, Supermarkets"),
        ("fuel", "5542", "Automated Fuel Dispensers"),
        ("gambling", "7995", "Betting"),
        ("cash", "6011", "Automated Cash Disburse"),
        ("digital_goods", "5816", "Digital Goods: Games"),
    ],
)
def test_codes_mean_what_they_are_used_for(name, code, words):
    assert words in BY_NAME[name].mcc.descriptions[code]


def test_a_code_belongs_to_one_category():
    codes = [code for category in columns.mcc for code in category]
    assert len(codes) == len(set(codes))
    assert all(sum(weights) == pytest.approx(1) for weights in columns.mcc_weight)


def test_shares_cover_the_diary():
    # the rest of the diary's card payments are bills, gifts, taxes, rent and schools
    assert 0.88 < sum(category.share.value for category in BY_NAME.values()) < 1
    assert columns.share.sum() == pytest.approx(1)
    assert columns.share[columns.index("cash")] == 0
    assert columns.share[columns.recurring].sum() < 0.02


@pytest.mark.parametrize(
    ("parts", "share", "log_mean", "log_sd", "remote"),
    [
        # Diary of Consumer Payment Choice, whole groups that are split here
        (
            "general_merchandise clothing electronics digital_goods gift_cards",
            *(0.2189, 3.431, 1.186, 0.237),
        ),
        ("entertainment gambling", 0.0245, 3.244, 1.386, 0.463),
        ("taxi airline", 0.0072, 3.335, 1.456, 0.479),
    ],
)
def test_parts_that_were_guessed_make_up_what_was_measured(parts, share, log_mean, log_sd, remote):
    group = [BY_NAME[name] for name in parts.split()]
    weight = np.array([category.share.value for category in group])
    assert weight.sum() == pytest.approx(share, abs=0.0005)
    weight /= weight.sum()
    mean = np.array([category.amount.log_mean for category in group])
    sd = np.array([category.amount.log_sd for category in group])
    mixed = weight @ mean
    assert mixed == pytest.approx(log_mean, abs=0.05)
    assert np.sqrt(weight @ (sd**2 + mean**2) - mixed**2) == pytest.approx(log_sd, abs=0.05)
    online = np.array([category.remote.value for category in group])
    assert weight @ online == pytest.approx(remote, abs=0.02)


def test_personas_average_to_the_population():
    shares = Population().persona_shares
    weight = np.array([shares[persona] for persona in PERSONAS])
    # two decimals in the file
    assert weight @ columns.persona_weight == pytest.approx(np.ones(len(columns)), abs=0.006)


def test_weekdays_are_factors_with_mean_one():
    assert columns.weekday.shape == (len(columns), 7)
    assert columns.weekday.mean(axis=1) == pytest.approx(np.ones(len(columns)))
    restaurant = columns.weekday[columns.index("restaurant")]
    assert restaurant[5] > 1.2
    assert restaurant[0] < 0.9


def test_endings_leave_room():
    assert (columns.endings.sum(axis=1) <= 1).all()
    with pytest.raises(ValidationError, match="more than 1"):
        Endings(whole=0.9, x99=0.2, x95=0, x50=0, source="assumption")


def test_spread_within_merchants_never_vanishes():
    total = columns.log_sd
    assert columns.within_log_sd(0.0) == pytest.approx(total)
    assert columns.within_log_sd(0.3) ** 2 + 0.3**2 == pytest.approx(total**2)
    assert (columns.within_log_sd(2.0) == 0.1).all()


def test_columns_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        columns.share[0] = 1


@pytest.mark.parametrize("online", [False, True])
def test_look_up_tables_reproduce_their_profiles(online):
    luts = columns.online_hour_lut if online else columns.hour_lut
    profiles = raw_file()["profiles"]
    for lut, category in zip(luts, BY_NAME.values(), strict=True):
        hours = np.array(profiles[category.online_profile if online else category.profile]["hours"])
        drawn = np.bincount(lut // 60, minlength=24)
        assert drawn == pytest.approx(LUT_SIZE * hours / hours.sum(), abs=1.01)


profile_hours = hnp.arrays(np.float64, 24, elements=st.floats(0, 1)).filter(
    lambda hours: hours.sum() > 0.01
)


@given(profile_hours)
def test_a_look_up_table_is_ascending_and_keeps_every_hour(hours):
    lut = minute_lut(hours)
    assert lut.shape == (LUT_SIZE,)
    assert lut.dtype == np.uint16
    assert (np.diff(lut.astype(np.int64)) >= 0).all()
    assert lut.max() < MINUTES_PER_DAY
    drawn = np.bincount(lut // 60, minlength=24)
    assert np.abs(drawn - LUT_SIZE * hours / hours.sum()).max() <= 1.01


def test_time_of_day_has_no_steps_at_the_full_hour():
    step = np.array([1.0] * 12 + [3.0] * 12)
    minute = np.bincount(minute_lut(step), minlength=MINUTES_PER_DAY)
    before, after = minute[12 * 60 - 6 : 12 * 60].sum(), minute[12 * 60 : 12 * 60 + 6].sum()
    # a plain histogram would jump by 3 there
    assert after / before < 1.5


def test_an_unknown_profile_or_a_double_code_is_refused():
    raw = raw_file()
    raw["categories"][0]["profile"] = "groceries"
    with pytest.raises(ValidationError, match="grocery: unknown profile 'groceries'"):
        module._File.model_validate(raw)
    raw = raw_file()
    raw["categories"][1]["mcc"] = raw["categories"][0]["mcc"]
    with pytest.raises(ValidationError, match="given twice"):
        module._File.model_validate(raw)
