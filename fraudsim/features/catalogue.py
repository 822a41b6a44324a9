"""What features there are, as they say themselves: the page ``docs/features.md``.

``python -m fraudsim.features.catalogue`` prints it.
"""

from __future__ import annotations

import sys
from inspect import getdoc

from fraudsim.features import FAMILIES, describe

HEAD = """# Features

<!-- Written by `make docs` from the features themselves. -->

What may be known at the time of a payment. A feature looks at rows that stand before it in the
total order (`event_time`, then `tx_id`), at events strictly before it, and at what the bank has on
file. The answer to the payment itself is no feature, and neither is whether it was fraud.

```python
from fraudsim import open_dataset
from fraudsim.features import build_features, describe

features = build_features(open_dataset("world"))  # one row per transaction
meanings = describe()  # the tables below
```

## One payment at a time

`Online` computes the same features as a service that scores payments needs them: one by one, each
before its answer is known, with the values of `build_features` to the last bit.

```python
@EXAMPLE@```

- `Online(tables)` reads what is on file: customers, accounts, cards, devices, payees and merchants.
  The past begins empty; `replay` tells that of a dataset.
- `features(payment)` changes no past. It takes the columns of `transactions`; `currency`,
  `terminal_id` and the answer may be left out. Null is `None`, categories are text.
- `observe(payment, approved=...)` and `observe_event(event)` go on in the order of time. What comes
  before the last payment that was asked for or observed is refused, because that one's features
  would have been others. Payments of one moment come by `tx_id`; an event of the same moment may
  come before or after.
- `fact(table, row)` puts something new on file, before the first payment that refers to it; the
  order of facts changes nothing. Who is not on file is refused: features of a whole history know
  all facts, and here they would be null. A row on file does not change: a dataset has one per key.
- A scorer can be pickled, and goes on where it was. It is for one thread.

The past takes memory; measured with Python 3.11, and [benchmarks](../benchmarks/README.md) has the
cost per payment:

| kept | for each | bytes | until |
| --- | --- | --: | --- |
| when, amounts, declines (`velocity`) | entity | 570 and 24 per row | 30 days after the last |
| when, amounts, squares (`amount`) | account | 570 and 24 per row | 30 days after the last |
| logins (`events`) | customer | 270 and 8 per login | 1 day after the last |
| failed logins (`events`) | customer | 270 and 8 per login | 7 days after the last |
| when it was last seen (`recency`) | entity | 100 | for good |
| when it was met first (`novelty`) | account and thing of five kinds | 110 | for good |
| the last place (`place`) | customer | 250 | for good |
| the last event of a kind (`events`) | customer, or customer and thing | 250 | for good |

Entities are accounts, cards, merchants, devices and payees that were seen. Rows of a busy one are
dropped by halves, so that it keeps at most twice those of its window.

## What they look back on

`now` is what stands in the request or on file, `previous` the row before, `all` everything before,
and a length is a window that ends before the row itself and holds rows as old as it is long. The
past begins with the dataset.
"""

EXAMPLE = """\
from fraudsim import load_scenario, simulate
from fraudsim.features import Online, build_features
from fraudsim.features.online import replay

scenario = load_scenario("tiny", overrides=["population.customers=100"])
world = simulate(scenario, 7, "world")

online = Online(world)  # what is on file; nothing has happened yet
scored = []
for table, row in replay(world):  # a service is told these one by one
    if table == "events":
        online.observe_event(row)
        continue
    approved = row.pop("approved")  # not known yet
    features = online.features(row)  # what a detector is asked with
    scored.append({"tx_id": row["tx_id"], **features})
    online.observe(row, approved=approved)

assert scored == build_features(world).to_dicts()
"""
"""How the scorer is used; a test runs it."""


TABLE = "| feature | window | type | meaning |\n| --- | --- | --- | --- |\n"


def catalogue_markdown() -> str:
    """Return the page about the features."""
    return HEAD.replace("@EXAMPLE@", EXAMPLE) + "".join(map(_section, FAMILIES))


def _section(family: str) -> str:
    rows = "".join(
        f"| `{one['name']}` | {one['window']} | {one['type']} | {one['meaning']} |\n"
        for one in describe([family]).iter_rows(named=True)
    )
    says = (getdoc(FAMILIES[family]) or "").partition("\n")[0]
    return f"\n### {family}\n\n{says}\n\n{TABLE}{rows}"


if __name__ == "__main__":
    sys.stdout.write(catalogue_markdown())
