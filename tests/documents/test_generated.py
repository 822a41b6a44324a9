"""Pages in ``docs/`` that are made from the code are current."""

from pathlib import Path

from fraudsim.data_dictionary import data_dictionary_markdown
from fraudsim.schema import TABLES

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_data_dictionary_is_current():
    written = (DOCS / "data-dictionary.md").read_text(encoding="utf-8")
    assert written == data_dictionary_markdown(), "run: make docs"


def test_the_data_dictionary_names_every_column():
    written = (DOCS / "data-dictionary.md").read_text(encoding="utf-8")
    missing = [
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if f"| `{column.name}` | {column.type} |"
        not in written.partition(f"\n## {table.name}\n")[2]
    ]
    assert missing == []
