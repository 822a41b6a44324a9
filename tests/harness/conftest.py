import numpy as np
import polars as pl
import pytest

from fraudsim.examples import NEVER_US, Examples

DAY_US = 86_400_000_000


def made_examples(*, days=40, per_day=60, seed=0, attacks=("a", "b")):
    """Payments of 400 accounts, of which large ones at new shops are often fraud, reported late."""
    rng = np.random.default_rng(seed)
    rows = days * per_day
    time_us = np.sort(rng.integers(0, days * DAY_US, rows))
    amount = rng.lognormal(3, 1, rows)
    new = rng.random(rows) < 0.3
    fraud = rng.random(rows) < np.where(new & (amount > 40), 0.35, 0.005)
    late_us = rng.exponential(3 * DAY_US, rows).astype(np.int64)
    known_at = np.where(fraud & (rng.random(rows) < 0.8), time_us + late_us, NEVER_US)
    account = rng.integers(0, 400, rows)
    attack = np.where(fraud, rng.choice(attacks, rows), None)
    return Examples(
        features=pl.DataFrame(
            {"amount": amount, "new": new, "hour": time_us // 3_600_000_000 % 24}
        ),
        row_id=np.arange(rows) + 1000,
        time_us=time_us,
        has_dates=True,
        fraud=fraud,
        known_at_us=known_at,
        account=account,
        amount=amount,
        at_risk=amount,
        attack=pl.Series(attack.tolist(), dtype=pl.String),
        amount_column="amount",
        look_back=False,
        source={"kind": "dataset"},
        keys=pl.DataFrame(
            {"key_row": np.arange(rows) + 1000, "key_time_us": time_us, "key_account": account}
        ),
    )


@pytest.fixture(scope="session")
def examples():
    return made_examples()
