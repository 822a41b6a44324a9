"""Pages in ``docs/`` that are made from the code are current."""

from pathlib import Path
from xml.etree import ElementTree as ET

from fraudsim.attack_tools.gallery import gallery, read_results
from fraudsim.data_dictionary import data_dictionary_markdown
from fraudsim.features.catalogue import catalogue_markdown as features_markdown
from fraudsim.rebalancers.kit.catalogue import catalogue_markdown
from fraudsim.registry import ATTACKS, discover
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


def test_the_list_of_rebalancers_is_current():
    written = (DOCS / "rebalancers.md").read_text(encoding="utf-8")
    assert written == catalogue_markdown(), "run: make docs"


def test_the_list_of_features_is_current():
    written = (DOCS / "features.md").read_text(encoding="utf-8")
    assert written == features_markdown(), "run: make docs"


def test_the_example_of_the_online_scorer_runs(tmp_path, monkeypatch):
    written = (DOCS / "features.md").read_text(encoding="utf-8")
    (example,) = (
        block.partition("```")[0] for block in written.split("```python\n") if "Online(" in block
    )
    assert len(example.splitlines()) <= 25
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "docs/features.md", "exec"), {})  # noqa: S102 -- our own page


def test_the_gallery_is_current():
    """Page and pictures are those of the patterns, and of no other."""
    results = DOCS / "gallery" / "results.json"
    ours = {
        name: cls
        for name, cls in discover(ATTACKS).items()
        if cls.__module__.startswith("fraudsim.")
    }
    files = gallery(ours, read_results(results) if results.exists() else None)
    assert {f"gallery/{path.name}" for path in (DOCS / "gallery").glob("*.svg")} == (
        set(files) - {"gallery.md"}
    )
    for name, text in files.items():
        written = (DOCS / name).read_text(encoding="utf-8")
        assert written == text, f"{name}: run: python benchmarks/gallery.py write"


def test_the_gallery_shows_results_where_there_are_some():
    pattern = discover(ATTACKS)["card_testing"]
    worth = {"average_precision": 0.5, "recall_in_budget": 0.25}
    results = {
        "world": {
            "scenario": "every",
            "customers": 9000,
            "days": 90,
            "seed": 7,
            "budget": 12,
            "flagged_by_threshold": 0.001,
            "folds": 6,
        },
        "patterns": {
            "card_testing": {
                "test_frauds": 96,
                "known_frauds": 55,
                "seen": worth,
                "unseen": {**worth, "average_precision": 0.125},
                "threshold": {"feature": "amount high", "share": 0.0625},
            }
        },
    }
    page = gallery({"card_testing": pattern}, results)["gallery.md"]
    assert "`every`, seed 7 (9,000 customers, 90 days)" in page
    assert "at most one genuine payment in 1,000" in page
    assert f"| {pattern.summary} | 0.50 | 0.12 | 0.25 | 0.25 | 0.06 |" in page
    assert "The best threshold is on amount high: 0.06." in page
    assert "96 frauds to judge by, 55 known to learn from." in page


def test_the_pictures_are_well_formed_and_hold_three_campaigns():
    for path in (DOCS / "gallery").glob("*.svg"):
        root = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 -- our own file
        panels = [one for one in root if one.tag.endswith("rect")]
        assert 1 <= len(panels) <= 3
        assert any(one.tag.endswith("circle") for one in root)
