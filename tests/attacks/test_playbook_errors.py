"""Each kind of mistake in a playbook: one line, its place in the file, and what would be right."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from fraudsim.attacks.kit.playbook.form import json_schema
from fraudsim.attacks.kit.playbook.pattern import playbook_pattern
from fraudsim.cli import main
from fraudsim.errors import UsageError
from fraudsim.registry import ATTACKS, discover, source_file
from fraudsim.strict_yaml import parse

RIGHT = """\
name: mine
summary: one line
story: It happens.
taxonomy: {f3: [F1028]}
sources: [assumption]
look_alike: shopping
parameters:
  cards: {default: 4, meaning: cards, source: assumption, least: 1, most: 10}
draws:
  basket: 1
victims: {cards: $cards, via: phishing}
places:
  shop: {web: {gift_cards: 1}}
steps:
  sit_down:
    wait: {until: session}
  buy:
    do: charge
    at: shop
    amount_minor: {price: {times: $basket}}
    then: [{when: approved, go: rest}]
  rest:
    wait: {hours: 1}
    then: [{go: buy, most: 3}]
"""


def refusal(text):
    with pytest.raises(UsageError) as caught:
        playbook_pattern(text, file="mine.yaml")
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("mine.yaml:")
    return message.removeprefix("mine.yaml:").strip()


def test_the_right_one_is_right():
    pattern = playbook_pattern(RIGHT)
    assert pattern.stages == ("buy",)
    assert pattern(cards=7).model_dump() == {"cards": 7.0}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("summary:", "sumary:", "sumary: unknown key; did you mean 'summary'? (and 1 more)"),
        ("do: charge", "do: chrge", "steps.buy.do: unknown verb 'chrge'; did you mean 'charge'?"),
        ("at: shop", "att: shop", "steps.buy.att: unknown key; did you mean 'at'? (and 1 more)"),
        ("at: shop", "at: shoop", "steps.buy.at: unknown place 'shoop'; did you mean 'shop'?"),
        (
            "    at: shop\n",
            "",
            "steps.buy.at: the key is missing; give it a value (name of a place)",
        ),
        (
            "{hours: 1}",
            "{hors: 1}",
            "steps.rest.wait.hors: unknown key; did you mean 'hours'?",
        ),
        (
            "{hours: 1}",
            "{hours: {lognorml: {median: 1, log_sd: 1}}}",
            "steps.rest.wait.hours: unknown kind of number 'lognorml'; did you mean 'lognormal'?",
        ),
        (
            "{hours: 1}",
            "{hours: {lognormal: {median: 1, log_s: 1}}}",
            "steps.rest.wait.hours.lognormal.log_s: unknown key; did you mean 'log_sd'?",
        ),
        (
            "{hours: 1}",
            "{hours: true}",
            "steps.rest.wait.hours: should be a number (40, $cards, or {uniform: [1, 3]})",
        ),
        (
            "{hours: 1}",
            "{hours: {sum: [1, $bskt]}}",
            "steps.rest.wait.hours.sum.1: nobody knows $bskt; did you mean 'basket'?",
        ),
        (
            "when: approved",
            "when: aproved",
            "steps.buy.then.0.when: unknown condition 'aproved'; did you mean 'approved'?",
        ),
        (
            "when: approved",
            "when: {code: 99}",
            "steps.buy.then.0.when.code: unknown response code '99'; known:",
        ),
        ("go: rest", "go: rset", "steps.buy.then.0.go: unknown step 'rset'; did you mean 'rest'?"),
        (
            "go: buy, most: 3",
            "go: buy",
            "steps.rest.then.0: goes back to 'buy': say how often at most (most: 5)",
        ),
        (
            "{gift_cards: 1}",
            "{gift_card: 1}",
            ("places.shop.web.gift_card: unknown merchant category; did you mean 'gift_cards'?"),
        ),
        ("via: phishing", "via: fishing", "victims.via: "),
        (
            "via: phishing",
            "via: persuasion",
            "victims.via: cards do not come via persuasion; known:",
        ),
        (
            "{cards: $cards, via",
            "{accounts: $cards, via",
            "steps.buy.do: charge needs cards; who gets at accounts via phishing has none",
        ),
        (
            "default: 4",
            "default: 40",
            "parameters.cards.default: 40 is not from least (1) to most (10)",
        ),
        ("  cards: {default", "  run: {default", "parameters.run: the name 'run' is taken"),
        ("basket: 1", "greed: 1", "draws.greed: $greed is known to every playbook already"),
        (
            "    wait: {hours: 1}",
            "    set: {bskt: 2}",
            "steps.rest.set.bskt: 'bskt' is not among 'draws'; give its first value there",
        ),
        (
            "    do: charge\n    at: shop",
            "    do: transfer\n    to: nobody",
            "steps.buy.to: unknown payee 'nobody'; there is no payee",
        ),
        (
            "{hours: 1}",
            "{hours: {price: {times: 1}}}",
            "steps.rest.wait.hours.price: there is a price only in the amount_minor of a charge",
        ),
        ("f3: [F1028]", "f3: [card testing]", "taxonomy.f3.0: "),
    ],
)
def test_a_mistake_has_its_place_and_the_nearest(old, new, expected):
    assert old in RIGHT
    assert refusal(RIGHT.replace(old, new, 1)).startswith(expected)


def test_yaml_that_is_none_has_its_line():
    assert refusal("name: [").startswith("1: not valid YAML")


def test_the_schema_takes_ours_and_refuses_what_the_reader_refuses():
    schema = json_schema()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    ours = [cls for cls in discover(ATTACKS).values() if (source_file(cls) or "").endswith("yaml")]
    assert len(ours) == 10
    for cls in ours:
        text = Path(source_file(cls)).read_text(encoding="utf-8")
        validator.validate(parse(text, cls.name).value)
    assert not list(validator.iter_errors(parse(RIGHT, "right").value))
    for old, new in (("do: charge", "do: chrge"), ("at: shop", "att: shop")):
        assert list(validator.iter_errors(parse(RIGHT.replace(old, new), "wrong").value))


def test_the_command_line_prints_the_schema_and_refuses_with_exit_code_2(tmp_path, capsys):
    assert main(["schema", "--playbook"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()
    wrong = tmp_path / "mine.yaml"
    wrong.write_text(RIGHT.replace("do: charge", "do: chrge"), encoding="utf-8")
    assert main(["attacks", "list", "--attacks", str(wrong)]) == 2
    assert "steps.buy.do: unknown verb 'chrge'" in capsys.readouterr().err


def test_a_playbook_stands_beside_python_in_a_folder(tmp_path):
    (tmp_path / "mine.yml").write_text(RIGHT, encoding="utf-8")
    found = discover(ATTACKS, [tmp_path])
    assert found["mine"] is discover(ATTACKS, [tmp_path / "mine.yml"])["mine"]
    (tmp_path / "again.yaml").write_text(RIGHT, encoding="utf-8")
    with pytest.raises(UsageError, match=r"mine\.yml:1: there is another attack pattern named"):
        discover(ATTACKS, [tmp_path])
