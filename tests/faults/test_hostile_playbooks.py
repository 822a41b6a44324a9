"""Playbooks that mean harm: each ends in one clear line, after little work."""

from __future__ import annotations

import pytest

from fraudsim.attacks.kit.playbook import play, reading
from fraudsim.attacks.kit.playbook.form import MOST_VICTIMS
from fraudsim.attacks.kit.playbook.numbers import LARGEST
from fraudsim.attacks.kit.playbook.pattern import playbook_pattern
from fraudsim.attacks.kit.rehearsal import answer_all, rehearse
from fraudsim.errors import UsageError

HEAD = """\
name: mine
summary: one line
story: It happens.
taxonomy: {f3: [F1028]}
sources: [assumption]
look_alike: shopping
"""
BODY = """\
draws: {n: 1}
victims: {cards: 3, via: phishing}
places: {shop: {web: {gift_cards: 1}}}
steps:
  buy: {do: charge, at: shop, amount_minor: {price: {times: 1}}}
"""


def bomb():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    return "\n".join(lines)


def nested(count):
    return "{sum: [" * count + "1" + "]}" * count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!!python/object/apply:os.system ['true']", "tag"),
        (HEAD.replace("It happens.", "!!python/name:os.system ''") + BODY, "tag"),
        (HEAD.replace("It happens.", "!include /etc/passwd") + BODY, "tag !include"),
        (bomb(), "aliases (*name) are not allowed"),
        ("a: &a {b: *a}", "aliases (*name) are not allowed"),
        (HEAD + BODY.replace("n: 1", f"n: {nested(500)}"), "nested deeper than 20"),
        ("[" * 5_000, "nested deeper than 20"),
        ("- [1]", "a playbook is a mapping"),
        ("", "is empty"),
        ("--- 1\n--- 2", "not valid YAML"),
        ("x: \x00", "not valid YAML"),
        (HEAD + BODY + "x: " + "a" * reading.MAX_BYTES, "larger than 32 KiB"),
        (HEAD + BODY.replace("n: 1", "n: " + "9" * 400), "draws.n"),
        (HEAD + BODY.replace("n: 1", "n: " + "9" * 6_000), "not a readable value"),
        (HEAD + BODY.replace("n: 1", "n: .inf"), "draws.n"),
        (HEAD + BODY.replace("n: 1", "n: .nan"), "draws.n"),
        (HEAD + BODY.replace("n: 1", f"n: {{sum: [{', '.join(['1'] * 5_000)}]}}"), "draws.n.sum"),
        (HEAD + BODY.replace("n: 1", "__class__: 1"), "draws.__class__"),
        (HEAD + BODY.replace("n: 1", "n: $__class__"), "draws.n"),
        (HEAD.replace("name: mine", "name: ../../mine") + BODY, "name: "),
        (HEAD.replace("name: mine", "name: /etc/mine") + BODY, "name: "),
        (HEAD + BODY.replace("at: shop", "at: ../shop"), "steps.buy.at"),
        (HEAD + BODY.replace("do: charge", "do: __init__"), "unknown verb '__init__'"),
        (HEAD + BODY.replace("do: charge", "do: release"), "unknown verb 'release'"),
        (HEAD + BODY.replace("do: charge", "do: {a: b}"), "unknown verb"),
        (HEAD + BODY.replace("buy:", "<charge>:"), "steps"),
        (HEAD + BODY.replace("buy:", '"\\u001b[2J":'), "steps"),
        (HEAD + BODY + "".join(f"  s{n}: {{}}\n" for n in range(80)), "steps"),
        (
            HEAD + "parameters: {model_config: {default: 1, meaning: a, source: a}}\n" + BODY,
            "parameters.model_config",
        ),
        (
            HEAD + "parameters: {playbook: {default: 1, meaning: a, source: a}}\n" + BODY,
            "parameters.playbook",
        ),
    ],
)
def test_it_is_refused_in_one_line(text, expected):
    with pytest.raises(UsageError) as caught:
        playbook_pattern(text, file="mine.yaml")
    message = str(caught.value)
    assert expected in message
    assert message.isprintable()
    assert len(message) < 700


def test_a_file_is_read_no_further_than_its_limit(tmp_path):
    file = tmp_path / "mine.yaml"
    with file.open("wb") as stream:
        stream.truncate(10 << 30)  # 10 GiB, of which nothing is on the disk
    with pytest.raises(UsageError, match="larger than 32 KiB"):
        playbook_pattern(file)
    file.write_bytes(b"name: \xff")
    with pytest.raises(UsageError, match="not UTF-8 text"):
        playbook_pattern(file)


@pytest.mark.parametrize(
    ("victims", "step"),
    [
        ("cards: 1e11", ""),
        ("cards: {lognormal: {median: 1e12, log_sd: 1e9}}", ""),
        ("cards: 400", "hands_of: 0.0001, pause_hours: 1e12"),
        ("cards: 3", "repeat: {most: 1000000000}"),
        ("cards: 3", "then: [{go: buy, most: 1e9}]"),
        ("cards: 3", "repeat: {most: 1e9}, then: [{go: buy, most: 1e9}]"),
        ("cards: 3", "gap_s: -1e9, repeat: {most: 5}"),
        ("cards: 3", "gap_s: {product: [1e12, 1e12, 1e12]}"),
        ("cards: 3", "wait: {days: 1e12, hours: -1e12}"),
        ("cards: 3", "wait: {hour: 1e12}"),
        ("cards: 3", "passes_challenge: -5, wrong_cvv_share: 1e9, to_share: 1e9"),
        ("cards: -7", "set: {n: {quotient: [1, 0]}}"),
        ("cards: 3, hands_of: {gamma: {mean: -1, shape: -1}}", "set: {n: {poisson: 1e12}}"),
        ("cards: 3", "set: {n: {normal: {mean: 0, sd: -1}}}, repeat: {most: $n}"),
    ],
)
def test_absurd_numbers_end_within_the_bounds(victims, step):
    text = (
        BODY.replace("cards: 3", victims)
        .replace("price: {times: 1}", "price: {times: 1e12}")
        .replace("{price: {times: 1e12}}}", f"{{price: {{times: 1e12}}}}, {step}}}")
    )
    pattern = playbook_pattern(HEAD + text)
    run = rehearse(pattern(), answer_all, 1, days=30)
    assert len(run.rows) <= play.MOST_ATTEMPTS + MOST_VICTIMS
    assert run.rows["amount_minor"].max(initial=0) < LARGEST


def test_loops_in_loops_are_bounded_together():
    names = [f"s{n}" for n in range(12)]
    lines = [f"  {name}: {{then: [{{go: s0, most: 1e9}}]}}\n" for name in names]
    pattern = playbook_pattern(HEAD + BODY + "".join(lines))
    run = rehearse(pattern(), answer_all, 1, days=30)
    assert run.gave_up == "the story is longer than a playbook may be"
    assert len(run.rows) == 3
