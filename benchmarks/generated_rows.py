"""Judge what every generative rebalancer makes of an invented table; a row of Markdown for each.

python benchmarks/generated_rows.py [METHOD ...] makes the table of docs/generated-rows.md;
autoregressive:400 is a method that trains for so many steps.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from fraudsim.balance_quality import judge_rebalancer
from fraudsim.registry import REBALANCERS, get

if TYPE_CHECKING:
    from fraudsim.rebalancers.base import Rebalancer

METHODS = (
    *("random_over", "smote", "gaussian_copula"),
    *("ctgan", "tvae", "tabular_diffusion", "autoregressive"),
)
SHOWN = (
    *("fidelity.column_shapes", "fidelity.pair_trends", "fidelity.detection"),
    *("copies.exact", "membership.real_rows", "membership.canaries"),
)


def table(rows: int = 4000, frauds: int = 600) -> tuple[pl.DataFrame, np.ndarray]:
    """Twelve columns of all types that go together through one hidden number."""
    rng = np.random.default_rng(0)
    fraud = np.arange(rows) < frauds
    z = rng.normal(size=rows) + fraud
    tested = fraud & (rng.random(rows) < 0.24)
    gap = pl.Series(rng.exponential(100, rows))
    channel = np.array(["ecom", "pos", "atm"])[(z > 0).astype(int) + (z > 1.5)]
    frame = pl.DataFrame(
        {
            "amount": np.where(tested, 1.0, np.exp(3 + z + 0.3 * rng.normal(size=rows)).round(2)),
            "count": pl.Series(rng.poisson(np.exp(z / 2))).cast(pl.Int32),
            "gap": gap.set(pl.Series(rng.random(rows) < 0.3), None),
            "channel": pl.Series(channel).cast(pl.Enum(["atm", "ecom", "moto", "pos"])),
            "new": rng.random(rows) < 0.5,
            "day": pl.Series(rng.integers(19_000, 20_000, rows)).cast(pl.Int32).cast(pl.Date),
            **{f"v{k}": rng.normal(size=rows) + k / 6 * z for k in range(6)},
        }
    )
    return frame, fraud


def rebalancer(text: str) -> Rebalancer:
    """A method, or METHOD:STEPS."""
    name, _, steps = text.partition(":")
    given = {"steps": int(steps)} if steps else {}
    made: Rebalancer = get(REBALANCERS, name)(ratio=0.3, **given)
    return made


def main(names: list[str]) -> None:
    """Print a row for each method."""
    frame, fraud = table()
    for name in names or METHODS:
        began = time.process_time()
        judgement = judge_rebalancer(rebalancer(name), frame, fraud)
        spent = time.process_time() - began
        found = {one.id: one for one in judgement.findings}
        cells = (f"{found[one].value:.2f} {found[one].verdict}" for one in SHOWN)
        print(f"| `{name}` | {spent:.0f} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
