"""docs/detectors.md: its table is that of the registry, and every way to plug one in works."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fraudsim.detectors.kit.catalogue import BEGIN, END, catalogue, catalogue_table, renew

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "detectors.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- (run|write: \S+) -->\n```(\w+)\n(.*?)```\n", re.DOTALL)
SECTION = re.compile(r"^### (.*?)\n(.*?)(?=^##)", re.DOTALL | re.MULTILINE)
WAYS = dict(SECTION.findall(TEXT))
NEEDS = {
    "An outlier detector of PyOD": "pyod",
    "A learner of River": "river",
    "An ONNX file": "onnxruntime",
}


def follow(blocks, folder):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    for action, language, code in blocks:
        if action.startswith("write: "):
            (folder / action.removeprefix("write: ")).write_text(code, encoding="utf-8")
            continue
        shell = ["bash", "-euo", "pipefail", "-c", code]
        command = shell if language == "bash" else [sys.executable, "-c", code]
        done = subprocess.run(
            command, cwd=folder, env=environment, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{code}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("way", WAYS)
def test_every_way_works(way, tmp_path):
    if way in NEEDS:
        pytest.importorskip(NEEDS[way], reason="needs an extra")
    first = BLOCK.findall(TEXT.partition("\n### ")[0])
    blocks = BLOCK.findall(WAYS[way])
    assert [action for action, _, _ in blocks].count("run") >= 1
    follow([*first, *blocks], tmp_path)


def test_no_example_is_long():
    assert len(WAYS) == 7
    for action, _, code in BLOCK.findall(TEXT):
        assert len(code.splitlines()) <= 25, action


def test_the_table_is_current():
    assert TEXT.partition(BEGIN)[2].partition(END)[0] == catalogue_table(), "run: make docs"


def test_renewing_keeps_the_rest(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}old\n{END}after\n", encoding="utf-8")
    renew(page)
    assert page.read_text("utf-8") == f"before\n{BEGIN}{catalogue_table()}{END}after\n"


def test_the_catalogue_has_what_they_say():
    found = {one["name"]: one for one in catalogue()}
    assert found["oracle"]["ceiling"]
    assert found["gru"]["in_order"]
    assert found["online_logistic"]["extra"] == "river"


def test_the_links_lead_somewhere():
    for link in re.findall(r"\]\((?!https?://)([^)#]+)", TEXT):
        assert (PAGE.parent / link).exists()
