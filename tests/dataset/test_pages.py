"""The card, the dictionary and the Croissant description that come with every dataset."""

import json
import re
import warnings

import polars as pl
import pytest
import yaml

from fraudsim.data_dictionary import data_dictionary_markdown
from fraudsim.dataset import open_dataset
from fraudsim.dataset_card import PAGE_NAMES, pages
from fraudsim.schema import TABLES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its dependencies deprecate things while they are imported
    import mlcroissant


@pytest.fixture
def described(tiny_world):
    return json.loads((tiny_world.path / "croissant.json").read_text(encoding="utf-8"))


def test_they_follow_from_the_manifest(tiny_world):
    made = pages(tiny_world.manifest)
    assert sorted(made) == sorted(PAGE_NAMES)
    for name, text in made.items():
        assert (tiny_world.path / name).read_text(encoding="utf-8") == text
    assert made["data-dictionary.md"] == data_dictionary_markdown()


def test_they_are_outside_the_digest_and_may_be_edited(toy, tmp_path):
    world = toy.write_toy(tmp_path / "world")
    (world.path / "README.md").write_text("# mine")
    (world.path / "croissant.json").unlink()
    opened = open_dataset(world.path)
    opened.check_files()
    assert opened.digest == world.digest
    toy.write_toy(world.path, overwrite=True)
    assert (world.path / "croissant.json").is_file()


def test_the_card_starts_with_what_hugging_face_reads(tiny_world):
    text = (tiny_world.path / "README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["license"] == "cc0-1.0"
    assert front["size_categories"] == ["10K<n<100K"]
    for config in front["configs"]:
        found = sorted(
            path.relative_to(tiny_world.path).as_posix()
            for path in tiny_world.path.glob(config["data_files"])
        )
        assert found == list(tiny_world.manifest.tables[config["config_name"]].files)
    assert [c["config_name"] for c in front["configs"] if c.get("default")] == ["transactions"]


def test_the_card_names_tables_origin_and_limits(tiny_world):
    text = (tiny_world.path / "README.md").read_text(encoding="utf-8")
    counts = {
        name: int(rows.replace(",", ""))
        for name, rows in re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", text, re.MULTILINE)
    }
    assert counts == tiny_world.row_counts
    for part in (tiny_world.digest, "seed 7", "## Limits", "## Licence", "reported_at"):
        assert part in text


def test_croissant_names_every_file_with_its_hash_and_every_column(described, tiny_world):
    files = {
        part["contentUrl"]: part["sha256"]
        for part in described["distribution"]
        if part["@type"] == "cr:FileObject"
    }
    manifest = tiny_world.manifest
    assert files == {path: entry.sha256 for path, entry in manifest.files.items()}
    columns = {
        record["name"]: [field["name"] for field in record["field"]]
        for record in described["recordSet"]
    }
    assert columns == {name: table.column_names for name, table in TABLES.items()}
    references = {
        field["@id"].replace("/", "."): field["references"]["field"]["@id"].replace("/", ".")
        for record in described["recordSet"]
        for field in record["field"]
        if "references" in field
    }
    assert references == {
        f"{table.name}.{column.name}": column.refers_to
        for table in TABLES.values()
        for column in table.columns
        if column.refers_to
    }


@pytest.mark.filterwarnings("ignore")  # of mlcroissant's dependencies
@pytest.mark.parametrize("table", ["transactions", "customers", "identities"])
def test_mlcroissant_validates_it_and_reads_the_records(tiny_world, table):
    dataset = mlcroissant.Dataset(str(tiny_world.path / "croissant.json"))
    issues = dataset.metadata.issues
    assert (sorted(issues.errors), sorted(issues.warnings)) == ([], [])
    key = TABLES[table].key
    read = [record[f"{table}/{key}"] for record in dataset.records(table)]
    assert sorted(read) == sorted(tiny_world.table(table).collect()[key])


@pytest.mark.filterwarnings("ignore")  # of mlcroissant's dependencies
def test_mlcroissant_refuses_it_when_a_reference_leads_nowhere(described, tmp_path):
    described["recordSet"][1]["field"][0]["references"]["field"]["@id"] = "customers/nothing"
    path = tmp_path / "croissant.json"
    path.write_text(json.dumps(described))
    with pytest.raises(mlcroissant.ValidationError):
        mlcroissant.Dataset(str(path))


def test_every_file_says_that_it_is_synthetic(tiny_world):
    for path in tiny_world.manifest.files:
        assert pl.read_parquet_metadata(tiny_world.path / path)["is_synthetic"] == "true"
