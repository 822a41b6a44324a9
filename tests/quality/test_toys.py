"""The audit fails tables that are known to be too easy, on the named points, and no sound one."""

import pytest

BATTERY = ("shortcuts.leak_", "shortcuts.pure", "shortcuts.only", "shortcuts.single")


def failed(audit):
    return {finding.id.partition(".")[2] for finding in audit.failed}


def test_the_handbook_fails_by_its_amount(audits):
    audit = audits("handbook")
    assert {"single_cut_all", "shallow_tree_all"} <= failed(audit)
    (cut,) = (finding for finding in audit.findings if finding.id == "shortcuts.single_cut_all")
    assert "TX_AMOUNT from 2" in cut.sentence


def test_sparkov_fails_by_its_nights_and_by_victims_who_do_not_live(audits):
    audit = audits("sparkov")
    assert {"single_feature_all", "single_feature_online", "co_activity"} <= failed(audit)
    (alone,) = (f for f in audit.findings if f.id == "shortcuts.single_feature_online")
    assert "'hour'" in alone.sentence


def test_paysim_fails_by_emptied_accounts_and_by_its_blocks(audits):
    names = failed(audits("paysim"))
    assert {"single_feature_all", "two_conditions_all"} <= names
    assert {"leak_order", "leak_runs_rows", "leak_together_transfer"} <= names


@pytest.mark.parametrize("name", ["handbook", "sparkov", "paysim"])
def test_what_cannot_be_checked_is_said_and_counted(audits, name):
    audit = audits(name)
    not_made = [finding for finding in audit.findings if finding.verdict == "not_made"]
    assert len(not_made) == audit.counts["not_made"] > 0
    assert all(finding.sentence and finding.value is None for finding in not_made)


def test_a_sound_table_passes_the_battery(audits):
    findings = [f for f in audits("clean").findings if f.id.startswith(BATTERY)]
    assert len([f for f in findings if f.verdict in ("pass", "warn")]) >= 12
    assert [f.id for f in findings if f.verdict == "fail"] == []
    assert {f.verdict for f in audits("clean").findings if f.id.endswith("co_activity")} == {"pass"}


def test_the_real_table_of_ulb_passes_what_applies():
    from pathlib import Path

    from fraudsim.quality.audit import audit

    path = Path(__file__).resolve().parents[3] / "shared/data/ulb_creditcard.parquet"
    if not path.exists():
        pytest.skip("the ULB table is not part of the project")
    result = audit(path, map="ulb")
    assert result.complaint == ""
    verdicts = {finding.id: finding.verdict for finding in result.findings}
    assert result.counts["pass"] >= 13
    # on real data better models do find more
    assert verdicts["difficulty.forest_over_logistic_all"] == "pass"
    assert verdicts["difficulty.boosting_over_forest_all"] == "pass"
    # three questions on principal components are no rule
    assert verdicts["shortcuts.shallow_tree_derived"] == "info"
