"""A dataset to export, one with orphans, and a PostgreSQL server for the session.

The tests that need the server are skipped by name where PostgreSQL is not installed; in CI that is
a failure (see .ci/install-postgresql).
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from fraudsim.dataset import Dataset

TOY = Path(__file__).parents[1] / "dataset" / "toy.py"


@pytest.fixture(scope="session")
def toy():
    """The small dataset of tests/dataset; tests are not a package: it is loaded by its path."""
    spec = importlib.util.spec_from_file_location("fraudsim_toy_dataset", TOY)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def orphaned(toy, tmp_path) -> Dataset:
    """A dataset in which two transactions name a terminal that is not there."""
    return toy.write_toy(tmp_path / "orphaned", toy.without(toy.toy_rows(), "terminals", 42))


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL server, reached through a socket in ``folder``."""

    folder: Path
    user: str

    def psql(self, *options: str, cwd: Path | None = None, database: str = "postgres"):
        command = ["psql", "-X", "-q", "-At", "-h", self.folder, "-U", self.user, "-d", database]
        words = [str(word) for word in (*command, *options)]
        return subprocess.run(words, cwd=cwd, check=False, capture_output=True, text=True)


@pytest.fixture(scope="session")
def postgresql():
    """Start a server of our own, on a socket alone; root may not run one, so another user does."""
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    if not (initdb and pg_ctl and shutil.which("psql")):
        reason = "PostgreSQL is not installed: run .ci/install-postgresql"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # not in pytest's folder: every session closes that to other users again
    folder = Path(tempfile.mkdtemp(prefix="fraudsim-postgresql-"))
    is_root = os.geteuid() == 0
    as_user = ["runuser", "-u", "postgres", "--"] if is_root else []
    if is_root:
        shutil.chown(folder, "postgres")
    data = folder / "data"

    def run(*words):
        command = [*as_user, *(str(word) for word in words)]
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    run(initdb, "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run(pg_ctl, "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    yield Server(folder, "tester")
    run(pg_ctl, "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(folder)


def program(name: str) -> str | None:
    """Return a program of the newest server, which Debian does not put on the PATH."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(beside[-1]) if beside else None)


@pytest.fixture
def database(postgresql, tmp_path):
    """Return psql on a database that is empty."""
    name = tmp_path.name.replace("-", "_").lower()  # pytest numbers the folders of tests
    assert postgresql.psql("-c", f"create database {name}").returncode == 0

    def psql(*options, cwd=None):
        return postgresql.psql(*options, cwd=cwd, database=name)

    return psql
