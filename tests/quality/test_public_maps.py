"""The maps of public tables open tables with those columns, and what can be asked of them is asked.

Imitations: the published columns, contents without any sign of fraud.
"""

import numpy as np
import polars as pl
import pytest

from fraudsim.quality.audit import audit

ROWS = 12_000


def labels(rng):
    return (rng.random(ROWS) < 0.02).astype(int)


def ieee_cis():
    rng = np.random.default_rng(1)
    return pl.DataFrame(
        {
            "TransactionID": np.arange(ROWS) + 2_987_000,
            "isFraud": labels(rng),
            "TransactionDT": np.sort(rng.integers(86_400, 86_400 * 180, ROWS)),
            "TransactionAmt": rng.lognormal(4.3, 0.9, ROWS).round(2),
            "ProductCD": rng.choice(list("WCRHS"), ROWS),
            "card1": rng.integers(1_000, 18_000, ROWS),
            "card4": rng.choice(["visa", "mastercard", "discover"], ROWS),
            "addr1": rng.choice([204.0, 299.0, 325.0], ROWS),
            "dist1": rng.exponential(100, ROWS),
            "P_emaildomain": rng.choice(["gmail.com", "yahoo.com", "anonymous.com"], ROWS),
            "C1": rng.poisson(2, ROWS),
            "D1": rng.integers(0, 600, ROWS),
            "M4": rng.choice(["M0", "M1", "M2"], ROWS),
            "V1": rng.random(ROWS),
        }
    )


def baf():
    rng = np.random.default_rng(2)
    return pl.DataFrame(
        {
            "fraud_bool": labels(rng),
            "income": rng.integers(1, 10, ROWS) / 10,
            "name_email_similarity": rng.random(ROWS),
            "customer_age": rng.integers(1, 9, ROWS) * 10,
            "payment_type": rng.choice(["AA", "AB", "AC"], ROWS),
            "velocity_6h": rng.lognormal(8, 0.5, ROWS),
            "credit_risk_score": rng.integers(-170, 390, ROWS),
            "device_os": rng.choice(["linux", "windows", "other"], ROWS),
            "device_fraud_count": np.zeros(ROWS, int),
            "month": np.sort(rng.integers(0, 8, ROWS)),
        }
    )


def amlsim():
    rng = np.random.default_rng(3)
    return pl.DataFrame(
        {
            "tran_id": np.arange(ROWS) + 1,
            "orig_acct": rng.integers(0, 500, ROWS),
            "bene_acct": rng.integers(0, 500, ROWS),
            "tx_type": "TRANSFER",
            "base_amt": rng.lognormal(5, 1, ROWS).round(2),
            "tran_timestamp": pl.Series(np.sort(rng.integers(0, 720, ROWS)) * 86_400_000_000)
            .cast(pl.Datetime("us"))
            .dt.offset_by("47y")
            .dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "is_sar": rng.random(ROWS) < 0.02,
            "alert_id": -1,
        }
    )


MADE = {
    "ieee-cis": (ieee_cis, {"shortcuts.single_feature_all", "difficulty.amount_only_roc_auc_all"}),
    "baf": (baf, {"shortcuts.single_feature_all", "difficulty.raw_columns_roc_auc_all"}),
    "amlsim": (amlsim, {"shortcuts.single_feature_all", "shortcuts.leak_of_account"}),
}
"""Map -> the imitation, and findings that such a table allows."""


@pytest.mark.parametrize("name", MADE)
def test_a_table_with_the_published_columns_is_audited(tmp_path, name):
    imitation, expected = MADE[name]
    path = tmp_path / f"{name}.csv"
    imitation().write_csv(path)
    result = audit(path, map=name, only=("shortcuts", "difficulty", "invariants"))
    by_id = {finding.id: finding for finding in result.findings}
    made = {name for name, finding in by_id.items() if finding.verdict != "not_made"}
    assert expected <= made, {name: by_id[name].sentence for name in expected & set(by_id)}
    shortcuts = [
        f for f in result.failed if f.id.startswith(("shortcuts.single", "shortcuts.leak"))
    ]
    assert shortcuts == []


def test_computed_columns_are_no_raw_features(tmp_path):
    path = tmp_path / "ieee.csv"
    table = ieee_cis().with_columns(V1=pl.col("isFraud") * 1.0, C1=pl.col("isFraud"))
    table.write_csv(path)
    (alone,) = audit(path, map="ieee-cis", only=("shortcuts.single_feature",)).findings
    assert "V1" not in alone.sentence
    assert alone.value < 0.7
