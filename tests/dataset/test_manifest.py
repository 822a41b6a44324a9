"""The manifest is a pure function of scenario, seed and versions, and canonical."""

import json
import socket
from getpass import getuser
from hashlib import sha256
from pathlib import Path

from fraudsim import __version__
from fraudsim.manifest import MANIFEST_NAME, Manifest
from fraudsim.scenario import Scenario


def test_the_file_is_the_canonical_json(dataset):
    text = (dataset.path / MANIFEST_NAME).read_text(encoding="utf-8")
    assert text == dataset.manifest.to_json()
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def test_it_says_what_made_the_dataset(toy, dataset):
    manifest = json.loads((dataset.path / MANIFEST_NAME).read_text())
    assert manifest["format"] == "fraudsim.dataset/1"
    assert manifest["seed"] == toy.SEED
    assert manifest["scenario_name"] == "toy"
    assert manifest["scenario_digest"] == toy.SCENARIO.digest
    assert Scenario.model_validate(manifest["scenario"]) == toy.SCENARIO
    assert manifest["versions"]["fraudsim"] == __version__
    assert sorted(manifest["versions"]) == [
        "fraudsim",
        "mesa",
        "numba",
        "numpy",
        "polars",
        "python",
    ]


def test_it_tells_nothing_of_the_machine(dataset, tmp_path):
    text = (dataset.path / MANIFEST_NAME).read_text()
    for secret in (str(tmp_path), str(Path.cwd()), socket.gethostname(), f'"{getuser()}"'):
        assert secret not in text


def test_the_digest_can_be_computed_with_other_tools(dataset):
    lines = [
        f"{path} {sha256((dataset.path / path).read_bytes()).hexdigest()}\n"
        for path in sorted(
            p.relative_to(dataset.path).as_posix() for p in dataset.path.rglob("*.parquet")
        )
    ]
    assert dataset.digest == sha256("".join(lines).encode()).hexdigest()


def test_the_digest_does_not_depend_on_versions(dataset, monkeypatch):
    monkeypatch.setattr("fraudsim.manifest.installed_versions", lambda: {"polars": "99"})
    manifest = dataset.manifest
    scenario = Scenario.model_validate(manifest.scenario)
    again = Manifest.build(manifest.files, scenario=scenario, seed=manifest.seed)
    assert again.versions == {"polars": "99"}
    assert again.digest == manifest.digest
