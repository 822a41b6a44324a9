"""A story told as a playbook has the statistics of the same story in Python."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ks_2samp

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.contract import broken
from fraudsim.attacks.kit.expectation import MEASURES
from fraudsim.attacks.kit.playbook.pattern import playbook_pattern
from fraudsim.attacks.kit.rehearsal import answer_all, answer_some, answer_with, rehearse
from fraudsim.registry import ATTACKS, discover

pytestmark = pytest.mark.slow  # 60 campaigns of twenty stories before two banks: minutes

ROOT = Path(__file__).parents[2]
PATTERNS = discover(ATTACKS)
SEEDS = range(60)
# with 60 campaigns each, distributions that are .35 apart at one place are told apart
LEAST_P = 0.005

SCAM = {"purchase_share": 0, "impersonation_share": 0, "investment_share": 0, "on_us_share": 0}
TWINS = {  # name of the story -> pattern in Python, parameters that make it tell that story
    "account_takeover": ("account_takeover", {}),
    "bust_out": ("bust_out", {}),
    "card_not_present_spree": ("card_not_present_spree", {}),
    "card_testing": ("card_testing", {}),
    "counterfeit_cash_out": ("counterfeit_cash_out", {}),
    "impersonation": ("authorised_push_payment", SCAM | {"impersonation_share": 1}),
    "investment_scam": ("authorised_push_payment", SCAM | {"investment_share": 1}),
    "lost_or_stolen_card": ("lost_or_stolen_card", {}),
    "mule_pass_through": ("mule_pass_through", {}),
    "purchase_scam": ("authorised_push_payment", SCAM | {"purchase_share": 1}),
}
BANKS = {"approves_all": lambda _: answer_all, "approves_some": answer_some}


@cache
def campaigns(name, bank, parameters=()):
    pattern = PATTERNS[name](**dict(parameters))
    played = [rehearse(pattern, BANKS[bank](seed), seed, days=400).payments for seed in SEEDS]
    return [rows for rows in played if len(rows)]


def measured(name, bank, parameters=()):
    rows = campaigns(name, bank, parameters)
    return {measure: np.array([of(one) for one in rows]) for measure, of in MEASURES.items()} | {
        "refused": np.array([np.mean(one["response"] != 0) for one in rows])
    }


def apart(one, other):
    """The measures whose distributions over campaigns are not the same."""
    p_of = {name: ks_2samp(one[name], other[name], method="asymp").pvalue for name in one}
    return {name: p for name, p in p_of.items() if p < LEAST_P}


@pytest.mark.parametrize("bank", BANKS)
@pytest.mark.parametrize("story", TWINS)
def test_both_forms_have_the_same_statistics(story, bank):
    name, parameters = TWINS[story]
    in_python = measured(name, bank, tuple(parameters.items()))
    as_playbook = measured(f"{story}_playbook", bank)
    assert apart(in_python, as_playbook) == {}
    ends = [
        len(campaigns(f"{story}_playbook", bank)),
        len(campaigns(name, bank, tuple(parameters.items()))),
    ]
    assert abs(ends[0] - ends[1]) <= 6, "campaigns that came to a payment"


@pytest.mark.parametrize(
    ("story", "change", "what"),
    [
        ("card_testing", {"cards": 80}, "victims"),
        ("purchase_scam", {"median_minor": 60_000}, "amount_minor"),
        ("mule_pass_through", {"days_between": 15}, "days"),
        ("bust_out", {"extra_per_week": 25}, "payments"),
    ],
)
def test_another_story_is_told_apart(story, change, what):
    name, parameters = TWINS[story]
    in_python = measured(name, "approves_all", tuple(parameters.items()))
    changed = measured(f"{story}_playbook", "approves_all", tuple(change.items()))
    assert what in apart(in_python, changed)


@pytest.mark.parametrize("code", ["43", "62"])
@pytest.mark.parametrize("story", TWINS)
def test_a_playbook_stops_when_every_answer_is_no(story, code):
    """A card that is reported, an account that is blocked: few tries, or no more than in Python.

    A bust-out goes on building up for weeks whatever the bank says, in both forms.
    """
    name, parameters = TWINS[story]
    in_python = most_tries(PATTERNS[name](**parameters), code)
    assert most_tries(PATTERNS[f"{story}_playbook"](), code) <= max(4, in_python)


def most_tries(pattern, code):
    """Attempts on one victim at the most, in ten campaigns that are always refused."""
    most = 0
    for seed in range(10):
        rows = rehearse(pattern, answer_with(code), seed).payments
        asked = rows[rows["kind"] <= row_codes.TRANSFER]
        most = max(most, np.unique(asked["customer"], return_counts=True)[1].max(initial=0))
    return most


def test_a_payee_is_added_before_it_is_paid():
    for name in PATTERNS:
        if not name.endswith("_playbook"):
            continue
        for seed in range(5):
            known = set()
            rows = rehearse(PATTERNS[name](), answer_some(seed), seed).rows
            for row in rows[np.argsort(rows["time_us"], kind="stable")]:
                pair = (int(row["customer"]), int(row["payee"]))
                if row["kind"] == row_codes.PAYEE_ADDED:
                    known.add(pair)
                assert row["kind"] != row_codes.TRANSFER or pair in known


def test_the_example_of_the_manual_keeps_the_contract(tmp_path):
    manual = (ROOT / "docs" / "playbooks.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", manual, re.DOTALL)
    assert len(text.splitlines()) <= 40
    file = tmp_path / "gift_cards_by_night.yaml"
    file.write_text(text, encoding="utf-8")
    pattern = playbook_pattern(file)
    assert broken(pattern) == {}
    assert discover(ATTACKS, [file])["gift_cards_by_night"] is not None
    rows = rehearse(pattern(), answer_all, 1).payments
    assert len(rows) == 5 * len(np.unique(rows["customer"]))
