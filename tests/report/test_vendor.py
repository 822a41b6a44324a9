"""The vendored files are what their table says, and they reach an installed package."""

import re
import tomllib
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path

import pytest

from fraudsim.report import page
from fraudsim.report.document import LICENCES, SHARED_SCRIPTS

FOLDER = Path(page.__file__).parent
ROOT = Path(__file__).parents[2]
SCRIPTS = (*SHARED_SCRIPTS, "page.js")
ROWS = re.findall(
    r"^\| `(\S+)` .*`([0-9a-f]{64})` \|$", (FOLDER / "vendor_README.md").read_text(), re.MULTILINE
)


def test_every_vendored_script_is_in_the_table():
    assert sorted(name for name, _ in ROWS) == sorted(
        path.name for path in FOLDER.glob("vendor_*.js")
    )
    assert {name for name, _ in ROWS} < set(SCRIPTS)


@pytest.mark.parametrize(("name", "expected"), ROWS)
def test_sum_is_that_of_the_file(name, expected):
    assert sha256((FOLDER / name).read_bytes()).hexdigest() == expected


def test_scripts_can_stand_inside_a_page():
    for name in SCRIPTS:
        assert not re.search("</script|<!--", (FOLDER / name).read_text(), re.IGNORECASE), name


def test_licences_are_shipped_and_cover_what_is_bundled():
    text = "".join((FOLDER / name).read_text() for name in LICENCES)
    for holder in ("Mike Bostock", "Observable, Inc.", "Robert Penner", "Mikola Lysenko", "Mapbox"):
        assert holder in text


def test_every_file_of_the_page_is_package_data():
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert "fraudsim.report" in setup["packages"]
    patterns = setup["package-data"]["*"]
    files = [path for path in FOLDER.iterdir() if path.is_file() and path.suffix != ".py"]
    assert {"template.html", *SCRIPTS, *LICENCES} <= {path.name for path in files}
    for path in files:
        assert any(fnmatch(path.name, pattern) for pattern in patterns), path.name
    assert not [path for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"]
