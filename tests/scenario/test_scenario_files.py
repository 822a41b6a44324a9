"""Scenario files: layers, overrides, and one clear line for every mistake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from fraudsim.errors import UsageError
from fraudsim.scenario import Delay, Scenario
from fraudsim.scenario_attacks import check_attacks
from fraudsim.scenario_files import (
    PRESETS,
    explain,
    json_schema,
    load,
    load_scenario,
    preset_names,
    to_yaml,
)
from fraudsim.strict_yaml import MAX_BYTES

if TYPE_CHECKING:
    from pathlib import Path

EIGHT_ATTACKS = [
    "account_takeover",
    "authorised_push_payment",
    "bust_out",
    "card_not_present_spree",
    "card_testing",
    "counterfeit_cash_out",
    "lost_or_stolen_card",
    "mule_pass_through",
]
OF_ACCOUNTS = ["account_takeover", "authorised_push_payment", "mule_pass_through"]
PATTERNS = {
    "cards": [name for name in EIGHT_ATTACKS if name not in OF_ACCOUNTS],
    "payments": OF_ACCOUNTS,
    "mixed": EIGHT_ATTACKS,
    "tiny": EIGHT_ATTACKS,
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def message(name: str, *overrides: str) -> str:
    with pytest.raises(UsageError) as caught:
        load_scenario(name, overrides=overrides)
    return str(caught.value)


def value_at(scenario: Scenario, key: str) -> object:
    found: Any = scenario.as_dict()
    for part in key.split("."):
        found = found[int(part) if isinstance(found, list) else part]
    return found


# Presets


@pytest.mark.parametrize("name", list(PATTERNS))
def test_presets_hold_their_attacks_and_carry_their_name(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert sorted(entry.pattern for entry in scenario.attacks) == PATTERNS[name]


def test_preset_names_are_the_files_of_the_folder() -> None:
    assert preset_names() == ["cards", "catalogue", "mixed", "payments", "tiny"]


def test_every_number_of_a_preset_has_a_remark_with_its_reason() -> None:
    for name in preset_names():
        loaded = load(name)
        values = {key: value_at(loaded.scenario, key) for key in loaded.notes}
        numbers = [key for key, value in values.items() if isinstance(value, int | float)]
        assert len(numbers) >= len(EIGHT_ATTACKS)
        assert [key for key in numbers if loaded.notes[key].startswith("set in")] == []


# Layers


def test_extends_merges_mappings_and_replaces_lists(tmp_path: Path) -> None:
    write(tmp_path / "base.yaml", "extends: tiny\npopulation: {customers: 50, cities: 2}\n")
    write(
        tmp_path / "top.yaml",
        "extends: base.yaml\nname: top\npopulation:\n  customers: 60\n"
        "attacks:\n  - {pattern: bust_out, campaigns: 1}\n",
    )
    scenario = load_scenario("top.yaml")
    assert (scenario.population.customers, scenario.population.cities) == (60, 2)
    assert scenario.population.block_size == load_scenario("tiny").population.block_size
    assert [entry.pattern for entry in scenario.attacks] == ["bust_out"]


def test_extends_is_relative_to_the_file_not_to_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    write(tmp_path / "inner" / "base.yaml", "calendar: {days: 9}")
    write(tmp_path / "inner" / "top.yaml", "extends: base.yaml")
    assert load_scenario("inner/top.yaml").calendar.days == 9


def test_a_part_of_a_delay_can_be_set_alone() -> None:
    usual = Scenario.model_validate({}).victims.scam
    changed = load_scenario("tiny", overrides=["victims.scam.never=0.5"]).victims.scam
    assert changed == Delay(median_days=usual.median_days, log_sd=usual.log_sd, never=0.5)


def test_overrides_win_in_order_and_reach_into_lists() -> None:
    scenario = load_scenario(
        "tiny",
        overrides=["attacks.0.campaigns=3", "attacks.0.campaigns=4", "attacks.1.parameters={a: 1}"],
    )
    assert scenario.attacks[0].campaigns == 4
    usual = load_scenario("tiny").attacks[1].parameters
    assert scenario.attacks[1].parameters == {**usual, "a": 1}


def test_an_empty_override_is_null() -> None:
    overrides = ["attacks.0.campaigns=", "attacks.0.per_10k_customers_30_days=2.5"]
    entry = load_scenario("tiny", overrides=overrides).attacks[0]
    assert (entry.campaigns, entry.per_10k_customers_30_days) == (None, 2.5)


def test_a_country_code_is_text_and_a_power_of_ten_is_a_number(tmp_path: Path) -> None:
    write(tmp_path / "my.yaml", "population: {country: NO}\nhonest: {wrong_pin_share: 1e-3}\n")
    scenario = load_scenario("my.yaml")
    assert (scenario.population.country, scenario.honest.wrong_pin_share) == ("NO", 0.001)


def test_yaml_written_out_is_read_back_equal(tmp_path: Path) -> None:
    for name in preset_names():
        write(tmp_path / "copy.yaml", to_yaml(load_scenario(name)))
        assert load_scenario("copy.yaml") == load_scenario(name)


# Mistakes, each one exact line

BROKEN = [
    (
        "population: {custmers: 3}",
        "my.yaml: population.custmers: unknown key; did you mean 'customers'?",
    ),
    (
        "populaton: {customers: 3}",
        "my.yaml: populaton: unknown key; did you mean 'population'?",
    ),
    ("calendar: {days: 0}", "my.yaml: calendar.days: input should be >= 1, not 0"),
    ("issuer: {reissue_days: 0.0}", "my.yaml: issuer.reissue_days: input should be > 0.0, not 0.0"),
    (
        "population: {customers: '300'}",
        "my.yaml: population.customers: input should be a whole number, not '300'",
    ),
    (
        "population: {customers: true}",
        "my.yaml: population.customers: input should be a whole number, not true",
    ),
    (
        "population: {customers: 2.5}",
        "my.yaml: population.customers: input should be a whole number, not 2.5",
    ),
    ("calendar: 5", "my.yaml: calendar: input should be a mapping of keys to values, not 5"),
    ("attacks: {a: 1}", "my.yaml: attacks: input should be a list, not a mapping"),
    (
        "calendar: {start: tomorrow}",
        "my.yaml: calendar.start: input should be a date such as 2025-01-31, not 'tomorrow'",
    ),
    (
        "calendar: {timezone: Europe/Lodnon}",
        (
            "my.yaml: calendar.timezone: unknown time zone 'Europe/Lodnon'; "
            "did you mean 'Europe/London'?"
        ),
    ),
    (
        "merchants: {zipf_s: .nan}",
        "my.yaml: merchants.zipf_s: input should be a finite number, not NaN",
    ),
    (
        "attacks: [{pattern: bust_out}]",
        "my.yaml: attacks.0: give one of 'campaigns' and 'per_10k_customers_30_days'",
    ),
    (
        "attacks: [{campaigns: 1}]",
        (
            "my.yaml: attacks.0.pattern: the key is missing; give it a value "
            "(name of the pattern: `fraudsim attacks list`)"
        ),
    ),
    (
        "attacks: [{patern: bust_out, campaigns: 1}]",
        "my.yaml: attacks.0.patern: unknown key; did you mean 'pattern'? (and 1 more)",
    ),
    (
        (
            "attacks: [{pattern: bust_out, campaigns: 1}, "
            "{pattern: bust_out, campaigns: 2, series: 0}]"
        ),
        (
            "my.yaml: attacks.1.series (0) is that of attacks.0, which has the same pattern "
            "bust_out; give it another number"
        ),
    ),
    (
        "calendar: {days: 5}\nattacks: [{pattern: bust_out, campaigns: 1, first_day: 7}]",
        "my.yaml: attacks.0.first_day (7) lies after the run (calendar.days is 5)",
    ),
    (
        "population: {persona_shares: {worker: 0.9}}",
        "my.yaml: population: persona_shares: must sum to 1, not 1.58",
    ),
    (
        "population: {country: gb}",
        "my.yaml: population.country: string should match pattern '^[A-Z]{2}$', not 'gb'",
    ),
    ("name: a\nname: b", "my.yaml:2: name: the key is given twice"),
    (
        "calendar:\n  days: 3\n  days: 4",
        "my.yaml:3: calendar.days: the key is given twice",
    ),
    ("a: &x [1]\nb: *x", "my.yaml:2: aliases (*name) are not allowed; write the value out"),
    (
        "name: !!python/name:os.system x",
        (
            "my.yaml:1: the tag tag:yaml.org,2002:python/name:os.system is not allowed; "
            "write a plain value"
        ),
    ),
    ("name: !!int x", "my.yaml:1: not a readable value of type int"),
    (
        "calendar: !!set {a}",
        ("my.yaml:1: the tag tag:yaml.org,2002:set is not allowed; write a plain value"),
    ),
    ("? [a]\n: 1", "my.yaml:1: a key is a list or a mapping; keys are text"),
    ("", "my.yaml: is empty"),
    ("# only a comment\n", "my.yaml: is empty"),
    ("- a\n- b", "my.yaml: should be a mapping of keys to values"),
    (
        "name: a\n---\nname: b",
        (
            "my.yaml:2: not valid YAML: expected a single document in the stream "
            "but found another document"
        ),
    ),
    (
        "name: [a\ncalendar: x",
        (
            "my.yaml:2: not valid YAML: while parsing a flow sequence "
            "expected ',' or ']', but got ':'"
        ),
    ),
    ("name: a\nb: \x01", "my.yaml:2: not valid YAML: special characters are not allowed"),
    (b"name: a\nb: \xff", "my.yaml:2: not UTF-8 text"),
    ("a: " + "[" * 30 + "]" * 30, "my.yaml:1: nested deeper than 20"),
    ("#" * MAX_BYTES + "\n", "my.yaml: larger than 256 KiB"),
    ("extends: [a]", "my.yaml: extends: should be the name of a preset or file"),
    (
        "extends: tinny",
        (
            "my.yaml: extends: no preset 'tinny'; did you mean 'tiny'? "
            "(a file is given with its ending, such as my.yaml)"
        ),
    ),
    ("extends: nothing.yaml", "my.yaml: extends: no such file"),
    ("extends: mi.yaml", "my.yaml: extends: no such file; did you mean 'my.yaml'?"),
    ("extends: my.yaml", "my.yaml: extends: goes round in a loop: my.yaml -> my.yaml"),
]


@pytest.mark.parametrize(("text", "expected"), BROKEN, ids=[expected for _, expected in BROKEN])
def test_a_mistake_in_a_file_is_one_exact_line(
    text: str | bytes, expected: str, tmp_path: Path
) -> None:
    write(tmp_path / "my.yaml", text)
    assert message("my.yaml") == expected


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("calendar.dayz=3", "--set: calendar.dayz: unknown key; did you mean 'days'?"),
        ("calendar.days=0", "--set: calendar.days: input should be >= 1, not 0"),
        (
            "calendar.days",
            "--set calendar.days: should be key.path=value, such as calendar.days=30",
        ),
        ("=3", "--set =3: should be key.path=value, such as calendar.days=30"),
        ("a..b=3", "--set a..b=3: should be key.path=value, such as calendar.days=30"),
        (
            "attacks.8.campaigns=1",
            "--set: attacks.8: attacks is a list of 8; its entries go by number (0 to 7)",
        ),
        (
            "attacks.bust_out.campaigns=1",
            "--set: attacks.bust_out: attacks is a list of 8; its entries go by number (0 to 7)",
        ),
        (
            "calendar.days.x=1",
            "--set: calendar.days: is a single value, nothing lies inside it",
        ),
        (
            "calendar.days.x.y=1",
            "--set: calendar.days: is a single value, nothing lies inside it",
        ),
        (
            "attacks.0.campaigns=[1",
            (
                "--set attacks.0.campaigns:1: not valid YAML: while parsing a "
                "flow sequence expected ',' or ']', but got '<stream end>'"
            ),
        ),
    ],
)
def test_a_mistake_in_an_override_is_one_exact_line(override: str, expected: str) -> None:
    assert message("tiny", override) == expected


def test_a_name_that_is_neither_preset_nor_file() -> None:
    assert message("tinny") == (
        "no preset 'tinny'; did you mean 'tiny'? (a file is given with its ending, such as my.yaml)"
    )
    assert message("none.yaml") == "none.yaml: no such file"


def test_a_folder_is_not_a_scenario(tmp_path: Path) -> None:
    (tmp_path / "d.yaml").mkdir()
    assert message("d.yaml").startswith("d.yaml: is a folder, not a file")


def test_a_loop_names_the_chain(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "extends: b.yaml")
    write(tmp_path / "b.yaml", "extends: ./c.yaml")
    write(tmp_path / "c.yaml", "extends: a.yaml")
    assert message("a.yaml") == (
        "c.yaml: extends: goes round in a loop: a.yaml -> b.yaml -> c.yaml -> a.yaml"
    )


def test_a_mistake_is_blamed_on_the_layer_that_made_it(tmp_path: Path) -> None:
    write(tmp_path / "base.yaml", "calendar: {days: 0}\npopulation: {customers: 9}")
    write(tmp_path / "top.yaml", "extends: base.yaml\npopulation: {customers: 8}")
    assert message("top.yaml").startswith("base.yaml: calendar.days:")
    assert message("top.yaml", "calendar.days=-1").startswith("--set: calendar.days:")
    assert load_scenario("top.yaml", overrides=["calendar.days=2"]).calendar.days == 2


def test_a_mistake_of_a_whole_section_is_blamed_on_the_last_layer_to_touch_it(
    tmp_path: Path,
) -> None:
    write(tmp_path / "base.yaml", "population: {persona_shares: {worker: 0.42, family: 0.16}}")
    write(tmp_path / "top.yaml", "extends: base.yaml\npopulation: {persona_shares: {worker: 0.9}}")
    assert load_scenario("base.yaml").population.persona_shares["worker"] == 0.42
    assert message("top.yaml") == "top.yaml: population: persona_shares: must sum to 1, not 1.48"


def test_a_replaced_list_takes_its_notes_along() -> None:
    notes = load("tiny", overrides=["attacks=[{pattern: bust_out, campaigns: 1}]"]).notes
    assert {key: note for key, note in notes.items() if key.startswith("attacks")} == {
        "attacks.0.pattern": "set in --set",
        "attacks.0.campaigns": "set in --set",
    }


def test_every_message_is_one_line(tmp_path: Path) -> None:
    write(tmp_path / "my.yaml", r'population: {country: "a\nb"}')
    assert message("my.yaml").isprintable()
    write(tmp_path / "my.yaml", r'population: {"a\nb\e[31m": 1}')
    assert r"population.a\nb\x1b[31m: unknown key" in message("my.yaml")


# Properties

NUMBERS = {
    "calendar.days": st.integers(1, 3660),
    "population.customers": st.integers(1, 10**8),
    "honest.refund_share": st.floats(0, 0.5),
    "merchants.zipf_s": st.floats(0, 3),
    "victims.scam.median_days": st.floats(0, 365, exclude_min=True),
    "attacks.0.campaigns": st.integers(0, 1000),
    "population.country": st.from_regex(r"\A[A-Z]{2}\Z"),
    "description": st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp"))
    ),
}


@settings(deadline=None)  # no question of time; machines are busy
@given(st.fixed_dictionaries({}, optional=NUMBERS))
def test_any_subset_of_overrides_is_what_comes_out(values: dict[str, object]) -> None:
    overrides = [f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    scenario = load_scenario("tiny", overrides=overrides)
    for key, value in values.items():
        assert value_at(scenario, key) == value
    untouched = load_scenario("tiny").model_fields_set - {key.split(".")[0] for key in values}
    for name in untouched:
        assert getattr(scenario, name) == getattr(load_scenario("tiny"), name)


# JSON Schema


def test_schema_accepts_the_presets_as_written_and_as_resolved() -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())
    for name in preset_names():
        validator.validate(yaml.safe_load((PRESETS / f"{name}.yaml").read_text()))
        validator.validate(load_scenario(name).as_dict())
    validator.validate({"extends": "tiny", "victims": {"scam": {"never": 0.5}}})


@pytest.mark.parametrize(
    "value",
    [
        {"populaton": {}},
        {"calendar": {"days": 0}},
        {"attacks": [{"campaigns": 1}]},
        {"extends": 3},
    ],
)
def test_schema_refuses_what_the_loader_refuses(value: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, json_schema(), cls=jsonschema.Draft202012Validator)


# Attack patterns


class Spree(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[str] = "spree"
    cards: int = Field(40, ge=1, description="cards used", json_schema_extra={"source": "a paper"})
    amount: tuple[int, int] = Field((1, 2), description="amounts")


def spree(**parameters: object) -> Scenario:
    return Scenario.model_validate(
        {"attacks": [{"pattern": "spree", "campaigns": 2, "parameters": parameters}]}
    )


def test_check_attacks_returns_the_patterns_with_their_parameters() -> None:
    assert check_attacks(spree(cards=3, amount=[5, 6]), {"spree": Spree}) == (
        Spree(cards=3, amount=(5, 6)),
    )


@pytest.mark.parametrize(
    ("parameters", "known", "expected"),
    [
        ({}, "sprea", "attacks.0.pattern: unknown attack pattern 'spree'; did you mean 'sprea'?"),
        (
            {"crads": 3},
            "spree",
            "attacks.0.parameters.crads: unknown key; did you mean 'cards'?",
        ),
        ({"cards": 0}, "spree", "attacks.0.parameters.cards: input should be >= 1, not 0"),
        (
            {"amount": [1, "x"]},
            "spree",
            "attacks.0.parameters.amount.1: input should be a whole number, not 'x'",
        ),
    ],
)
def test_check_attacks_says_where(parameters: dict[str, object], known: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_attacks(spree(**parameters), {known: Spree})
    assert str(caught.value) == f"scenario cards: {expected}"


# Explaining


def test_explain_gives_every_value_a_meaning_and_a_source() -> None:
    rows = {row.key: row for row in explain(spree(cards=3), patterns={"spree": Spree})}
    assert [key for key, row in rows.items() if not row.meaning] == []
    without_source = [key for key, row in rows.items() if not row.source]
    assert without_source == ["name", "description", "attacks.0.parameters.amount"]
    assert rows["victims.scam.never"].source.startswith("assumption: scams")
    assert rows["population.persona_shares.worker"].value == 0.32
    cards = rows["attacks.0.parameters.cards"]
    assert (cards.value, cards.default, cards.source) == (3, 40, "set by the scenario")


def test_explain_prints_the_number_of_every_field() -> None:
    def numbers(value: object) -> int:
        if isinstance(value, dict):
            return sum(numbers(item) for item in value.values())
        return int(isinstance(value, int | float))

    scenario = Scenario.model_validate({})
    rows = explain(scenario, patterns={})
    in_the_format = numbers({"version": scenario.version})
    assert sum(isinstance(row.value, int | float) for row in rows) == (
        numbers(scenario.as_dict()) - in_the_format
    )


def test_explain_prefers_the_comment_in_the_file(tmp_path: Path) -> None:
    write(
        tmp_path / "my.yaml",
        "calendar:\n  days: 9  # nine days' wonder\nhonest: {refund_share: 0.1}\n"
        "description: a#b\n",
    )
    loaded = load("my.yaml", overrides=["issuer.flag_after_reports=7"])
    rows = {row.key: row for row in explain(loaded.scenario, patterns={}, notes=loaded.notes)}
    assert rows["calendar.days"].source == "nine days' wonder"
    assert rows["honest.refund_share"].source == "set in my.yaml"
    assert rows["issuer.flag_after_reports"].source == "set in --set"
    assert rows["calendar.start"].source == "assumption"
    assert rows["description"].source == "set in my.yaml"


def test_a_replaced_value_loses_the_comment_of_the_one_before(tmp_path: Path) -> None:
    write(tmp_path / "my.yaml", "calendar:\n  days: 9  # nine days' wonder\n")
    assert load("my.yaml", overrides=["calendar.days=8"]).notes["calendar.days"] == "set in --set"
