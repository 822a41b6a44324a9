"""What is shipped: the list of packages, the wheel, and what an installed copy can do."""

import ast
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE_OF = {"fraudsim": "fraudsim", "agents": "fraudsim.agents", "attacks": "fraudsim.attacks"}
LINKS = (Path("fraudsim/agents"), Path("fraudsim/attacks"))


def run(*command, cwd):
    words = [str(part) for part in command]
    done = subprocess.run(words, cwd=cwd, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


def build_wheel(source, out):
    """Build without the network: setuptools is in the test extra."""
    run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
        *("--no-index", "--wheel-dir", out, source),
        cwd=out,
    )
    (wheel,) = out.glob("*.whl")
    return wheel


def contents_of(wheel):
    """The files of a wheel, without its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def wheel(checkout, tmp_path_factory):
    return build_wheel(checkout, tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def shipped(project_files):
    """The files that a wheel should hold: everything in the three folders, under its package."""
    names = set()
    for path in project_files:
        package = PACKAGE_OF.get(path.parts[0])
        if package and len(path.parts) > 1 and path not in LINKS:
            names.add(str(PurePosixPath(*package.split("."), *path.parts[1:])))
    return names


def test_the_list_of_packages_is_that_of_the_folders(project_files):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found = {
        ".".join([PACKAGE_OF[path.parts[0]], *path.parts[1:-1]])
        for path in project_files
        if path.parts[0] in PACKAGE_OF and path.suffix == ".py"
    }
    listed = project["tool"]["setuptools"]["packages"]
    assert listed == sorted(found)


def test_every_package_has_an_init_file(project_files):
    folders = {
        path.parent
        for path in project_files
        if path.parts[0] in PACKAGE_OF and path.suffix == ".py"
    }
    missing = [str(folder) for folder in folders if folder / "__init__.py" not in project_files]
    assert sorted(missing) == []


def test_the_version_is_written_once_or_equally():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    import fraudsim

    assert project["project"]["version"] == fraudsim.__version__


def test_the_wheel_holds_every_file_and_no_other(wheel, shipped):
    contents = contents_of(wheel)
    assert sorted(shipped - contents) == []
    assert sorted(contents - shipped) == []


def test_the_wheel_has_no_top_level_agents(wheel):
    """Another well-known package installs the import name ``agents``."""
    assert {name.split("/")[0] for name in contents_of(wheel)} == {"fraudsim"}


def test_the_wheel_carries_licence_and_notice(wheel):
    with zipfile.ZipFile(wheel) as archive:
        licences = {Path(name).name for name in archive.namelist() if "/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE"}


def test_the_wheel_does_not_need_the_links(checkout, shipped, tmp_path):
    """Where git makes no links (Windows), they are text files with the target in them."""
    copy = tmp_path / "without-links"
    shutil.copytree(checkout, copy, symlinks=True)
    for link in LINKS:
        target = (copy / link).readlink()
        (copy / link).unlink()
        (copy / link).write_text(str(target), encoding="utf-8")
    (tmp_path / "wheel").mkdir()
    assert contents_of(build_wheel(copy, tmp_path / "wheel")) == shipped


def test_the_source_distribution_gives_the_same_wheel(checkout, shipped, tmp_path):
    build = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    run(sys.executable, "-c", build, tmp_path, cwd=checkout)
    (archive,) = tmp_path.glob("*.tar.gz")
    shutil.unpack_archive(archive, tmp_path, filter="data")
    (source,) = (path for path in tmp_path.iterdir() if path.is_dir())
    (tmp_path / "wheel").mkdir()
    assert contents_of(build_wheel(source, tmp_path / "wheel")) == shipped


@pytest.mark.parametrize("name", ["agents", "attacks"])
def test_a_second_copy_under_the_top_level_name_is_refused(name):
    asked = subprocess.run(
        [sys.executable, "-c", f"import {name}"],
        cwd=ROOT,  # where a folder of that name lies
        check=False,
        capture_output=True,
        text=True,
    )
    assert asked.returncode == 1
    assert f"ImportError: import fraudsim.{name}, not {name}" in asked.stderr


@pytest.mark.parametrize("name", ["agents", "attacks"])
def test_the_guard_is_the_first_statement(name):
    body = ast.parse((ROOT / name / "__init__.py").read_text(encoding="utf-8")).body
    after_docstring = [node for node in body if not isinstance(node, ast.Expr)]
    assert ast.unparse(after_docstring[0].test) == f"__name__ != 'fraudsim.{name}'"


def new_environment(folder):
    venv.create(folder, with_pip=True)
    return folder / ("Scripts" if sys.platform == "win32" else "bin")


@pytest.mark.slow
def test_pip_install_gives_a_working_command(checkout, tmp_path):
    bin_folder = new_environment(tmp_path / "env")
    pins = ROOT / "constraints.txt"
    run(bin_folder / "python", "-m", "pip", "install", "-q", "-c", pins, checkout, cwd=tmp_path)
    assert "simulate" in run(bin_folder / "fraudsim", "--help", cwd=tmp_path)
    assert run(bin_folder / "fraudsim", "--version", cwd=tmp_path).startswith("fraudsim")
    run(
        *(bin_folder / "fraudsim", "simulate", "tiny", "--seed", "7", "-o", "world", "--quiet"),
        cwd=tmp_path,
    )
    assert (tmp_path / "world" / "manifest.json").is_file()
    where = "import fraudsim; print(fraudsim.__file__)"
    file = run(bin_folder / "python", "-c", where, cwd=tmp_path)
    assert Path(file.strip()).is_relative_to(tmp_path)
