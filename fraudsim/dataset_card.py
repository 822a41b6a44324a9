"""The pages that come with every dataset: a card, the data dictionary and a Croissant description.

They are pure functions of the manifest, say nothing that is not in it, and are outside its digest:
who publishes a dataset may write on in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.croissant import CROISSANT_NAME, croissant_json, dataset_name, description
from fraudsim.data_dictionary import data_dictionary_markdown
from fraudsim.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.manifest import Manifest

CARD_NAME = "README.md"
DICTIONARY_NAME = "data-dictionary.md"
PAGE_NAMES = (CARD_NAME, CROISSANT_NAME, DICTIONARY_NAME)
"""The files of a dataset that describe it."""

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
)

_SIDES = {
    "observed": "what the bank sees",
    "truth": "the truth: never a feature",
    "hindsight": "hindsight: never a feature",
}

_LIMITS = """\
## Limits

- Everything is invented. No row describes a real person, card, account or payment; names,
  addresses and numbers are from reserved ranges or lead nowhere (see the data dictionary).
- Many numbers behind the simulation are assumptions: `fraudsim scenarios explain` prints each with
  its source.
- Results on simulated data say how detectors compare on these patterns. They do not say how well a
  detector will do at a bank.

## Licence

The tables are the output of a program and carry no rights of others, except city names and
positions, which are from GeoNames (https://www.geonames.org/, CC BY 4.0). As far as there are
rights in the rest, it is dedicated to the public domain (CC0 1.0).
"""


def pages(manifest: Manifest) -> Mapping[str, str]:
    """Return the text of every page by the name of its file."""
    return {
        CARD_NAME: dataset_card(manifest),
        CROISSANT_NAME: croissant_json(manifest),
        DICTIONARY_NAME: data_dictionary_markdown(),
    }


def dataset_card(manifest: Manifest) -> str:
    """Return the card: Hugging Face's YAML front matter, then what a reader wants to know first."""
    return "\n".join(
        [
            _front_matter(manifest),
            f"# {dataset_name(manifest)}\n\n{description(manifest)}\n",
            _tables(manifest),
            _labels(manifest),
            _origin(manifest),
            _LIMITS,
        ]
    )


def size_category(rows: int) -> str:
    """Return the size as Hugging Face names it.

    >>> size_category(14_790)
    '10K<n<100K'
    """
    return next((name for below, name in _SIZES if rows < below), "n>1B")


def _front_matter(manifest: Manifest) -> str:
    lines = [
        "---",
        f"pretty_name: {dataset_name(manifest)}",
        "license: cc0-1.0",
        "language:\n- en",
        "task_categories:\n- tabular-classification",
        "tags:\n- synthetic\n- fraud-detection\n- payments\n- tabular",
        f"size_categories:\n- {size_category(manifest.tables['transactions'].rows)}",
        "configs:",
    ]
    for table in TABLES.values():
        if manifest.tables[table.name].files:
            inside = f"{table.name}/*/*.parquet" if table.partitioned else f"{table.name}.parquet"
            lines += [f"- config_name: {table.name}", f"  data_files: {inside}"]
            lines += ["  default: true"] if table.name == "transactions" else []
    return "\n".join([*lines, "---\n"])


def _tables(manifest: Manifest) -> str:
    rows = [
        f"| `{table.name}` | {manifest.tables[table.name].rows:,} | {table.meaning} | "
        f"{_SIDES[table.role]} |"
        for table in TABLES.values()
    ]
    head = "## Tables\n\n| table | rows | what it holds | side |\n| --- | --: | --- | --- |"
    tail = (
        f"Every column stands in [{DICTIONARY_NAME}]({DICTIONARY_NAME}); machines read "
        f"[{CROISSANT_NAME}]({CROISSANT_NAME}). Money is an integer in minor units, times are UTC."
    )
    return "\n".join([head, *rows, "", tail, ""])


def _labels(manifest: Manifest) -> str:
    frauds, all_ = manifest.tables["labels"].rows, manifest.tables["transactions"].rows
    share = f"{10_000 * frauds / all_:.1f} of 10,000" if all_ else "none"
    attacks = sorted({entry["pattern"] for entry in manifest.scenario["attacks"]})
    return f"""\
## Labels

`labels` has a row for each of the {frauds:,} fraudulent transactions ({share}), approved or not,
with the attack, the campaign and when the bank learnt of it (null: never). Labels are exact, and no
column of `transactions` is made from them. A detector may know a label only from `reported_at` on.
Attacks in the scenario: {", ".join(attacks) or "none"}.
"""


def _origin(manifest: Manifest) -> str:
    calendar = manifest.scenario["calendar"]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(manifest.versions.items()))
    return f"""\
## How it was made

`fraudsim simulate` ran the scenario `{manifest.scenario_name}` (digest
`{manifest.scenario_digest}`) with the seed {manifest.seed}, {calendar["days"]} days from
{calendar["start"]}. The whole scenario stands in `manifest.json`. Versions: {versions}.

The same scenario, seed and versions give the same bytes; digest of the data files:
`{manifest.digest}`. `fraudsim verify` checks the files and runs it again. With a scenario that
comes along and was not changed:

```bash
fraudsim simulate {manifest.scenario_name} --seed {manifest.seed} -o {dataset_name(manifest)}
```
"""
