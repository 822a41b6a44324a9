import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def project_files():
    """Every file of the project, as paths from its root: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = [Path(name) for name in sorted(listed.split("\0")) if name]
    return [path for path in paths if os.path.lexists(ROOT / path)]  # not those just deleted


@pytest.fixture(scope="session")
def checkout(project_files, tmp_path_factory):
    """A copy of the project without what tools left in it, to build from."""
    copy = tmp_path_factory.mktemp("checkout")
    for path in project_files:
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, copy / path, follow_symlinks=False)
    return copy
