"""The contract over every pattern: ours, those of installed packages, and the tutorial's."""

from __future__ import annotations

from pathlib import Path

import pytest

from fraudsim.attacks.kit.contract import CHECKS
from fraudsim.attacks.kit.rehearsal import answer_some, rehearse
from fraudsim.registry import ATTACKS, discover

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"
PATTERNS = discover(ATTACKS, [TUTORIAL])


HEAVY = {
    "ends_whatever_the_bank_says",
    "does_what_it_declares",
    "meets_its_expectations",
    "leaks_nothing_by_form",
}
"""Checks of many rehearsals each: for all sixty patterns they take minutes."""

DAILY = {
    *("account_takeover", "authorised_push_payment", "bust_out", "card_not_present_spree"),
    *("card_testing", "counterfeit_cash_out", "lost_or_stolen_card", "mule_pass_through"),
    *(
        "gift_card_drain",
        "parking_app_qr",
        "tech_support_remote_access",
        "enumeration",
        "fan_in",
        "romance_scam",
        "card_testing_playbook",
    ),
}
"""Patterns that are held to all of it every time: the default worlds', and one of each kind."""

HELD = [
    pytest.param(name, check, marks=pytest.mark.slow if check in HEAVY else ())
    if name not in DAILY
    else pytest.param(name, check)
    for name in PATTERNS
    for check in CHECKS
]


@pytest.mark.parametrize(("name", "check"), HELD)
def test_pattern_keeps_the_contract(name, check):
    CHECKS[check](PATTERNS[name])


def test_the_eight_patterns_of_the_default_worlds_are_there():
    ours = {name for name, cls in PATTERNS.items() if cls.__module__.startswith("fraudsim.")}
    assert ours >= {
        "account_takeover",
        "authorised_push_payment",
        "bust_out",
        "card_not_present_spree",
        "card_testing",
        "counterfeit_cash_out",
        "lost_or_stolen_card",
        "mule_pass_through",
    }


def test_forty_patterns_have_sources_and_a_place_in_the_taxonomies():
    ours = [
        cls
        for name, cls in PATTERNS.items()
        if cls.__module__.startswith("fraudsim.attacks.") and not name.endswith("_playbook")
    ]
    assert len(ours) >= 40
    assert all(cls.sources and cls.taxonomy.f3 and cls.look_alike for cls in ours)
    summaries = [cls.summary for cls in ours]
    assert len(set(summaries)) == len(summaries)


@pytest.mark.parametrize("name", PATTERNS)
def test_parameters_at_their_lowest_do_no_harm(name):
    """A scenario may set any parameter to its limit: the campaign still ends."""
    cls = PATTERNS[name]
    for field, info in cls.model_fields.items():
        lowest = next((m.ge for m in info.metadata if hasattr(m, "ge")), None)
        if lowest is None:
            continue
        pattern = cls.model_validate({field: lowest})
        for seed in range(3):
            run = rehearse(pattern, answer_some(seed), seed, days=400)
            assert run.ended in {"finished", "gave_up"}, field
