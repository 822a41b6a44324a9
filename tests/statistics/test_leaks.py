"""Ids, order, files, empty fields, sub-seconds and the way of writing tell nothing of fraud.

The battery is the audit's own; tests/quality/test_leaks_found.py plants each leak and finds it.
"""

import pytest

from fraudsim.quality.audit import audit
from fraudsim.quality.discovery import discover

BATTERY = tuple(f"shortcuts.{check.name}" for check in discover() if check.name.startswith("leak_"))

MADE = {
    *("leak_ids", "leak_order", "leak_files", "leak_seconds"),
    *("leak_runs_ids", "leak_runs_rows"),
    *("leak_together_ecom", "leak_together_online_banking"),
    *("leak_of_customer", "leak_of_card", "leak_of_merchant", "leak_of_terminal"),
    *("leak_of_device", "leak_of_payee"),
}
"""What a world with frauds enough can be asked; a check that falls silent is missed."""


@pytest.fixture(scope="module")
def findings(busy_world):
    return audit(busy_world, only=BATTERY).findings


def test_form_and_ids_tell_nothing(findings):
    assert [finding for finding in findings if finding.verdict == "fail"] == []


def test_the_battery_is_made(findings):
    made = {f.id.removeprefix("shortcuts.") for f in findings if f.verdict != "not_made"}
    assert made >= MADE
