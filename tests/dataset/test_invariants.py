"""Each invariant of the audit passes on a sound dataset and fails where its rule is broken."""

from datetime import date

import pytest

from fraudsim.quality.audit import audit

BREAKS = {
    "keys": ("transactions", 905, {"merchant_id": 99}),
    "ledger": ("balances", 21, {"closing_minor": 4_501}),
    "card_valid": ("cards", 31, {"issued_at": (1, 4, 0)}),
    "card_blocked": ("transactions", 911, {"tx_type": "purchase", "direction": "debit"}),
    "report_after": ("labels", 909, {"reported_at": (2, 3, 1)}),
    "dispute_after": ("disputes", 81, {"opened_at": (2, 2, 0)}),
    "refund_after": ("transactions", 911, {"event_time": (2, 3, 1)}),
    "payee_added": ("events", 72, {"event_time": (1, 6, 0)}),
    "account_open": ("accounts", 21, {"opened_on": date(2025, 2, 1)}),
    "amount_positive": ("transactions", 905, {"amount_minor": -2_550}),
}
"""Name -> table, key and what is changed there; three numbers are month, day and hour."""


def verdict(dataset, name):
    (finding,) = audit(dataset, only=(f"invariants.{name}",)).findings
    return finding.verdict, finding.value


@pytest.mark.parametrize("name", BREAKS)
def test_a_sound_dataset_keeps_every_rule(dataset, name):
    assert verdict(dataset, name) == ("pass", 0)


@pytest.mark.parametrize("name", BREAKS)
def test_each_broken_rule_is_found(toy, tmp_path, name):
    table, key, changes = BREAKS[name]
    changes = {
        column: toy.at(*value) if isinstance(value, tuple) else value
        for column, value in changes.items()
    }
    broken = toy.write_toy(tmp_path / name, toy.edited(toy.toy_rows(), table, key, **changes))
    found, count = verdict(broken, name)
    assert found == "fail"
    assert count >= 1


def test_no_rule_is_without_its_break():
    from fraudsim.quality.discovery import discover

    rules = {check.name for check in discover() if check.group == "invariants"}
    assert rules - {"months_with_labels"} == set(BREAKS)  # that one is in tests/quality
