"""``verify`` against an engine of a few lines: what it compares, and what it says."""

import importlib.util
import sys
from hashlib import sha256
from types import ModuleType

import pytest

from fraudsim.errors import CheckFailedError, UsageError
from fraudsim.manifest import AttackSource
from fraudsim.verify import verify


class Engine:
    """Stands for ``fraudsim.engine``: writes ``rows``, remembers how it was called."""

    def __init__(self, toy):
        self.toy = toy
        self.rows = toy.toy_rows()
        self.calls = []

    def simulate(self, scenario, seed, out, *, workers, attacks, overwrite, progress):
        self.calls.append((scenario, seed, out, workers, tuple(attacks), overwrite, progress))
        return self.toy.write_toy(out, self.rows)


@pytest.fixture
def engine(toy, monkeypatch):
    engine = Engine(toy)
    module = ModuleType("fraudsim.engine")
    module.simulate = engine.simulate
    monkeypatch.setitem(sys.modules, "fraudsim.engine", module)
    return engine


def beside(dataset):
    return sorted(path.name for path in dataset.path.parent.iterdir())


def test_the_same_run_gives_the_same_digest(toy, dataset, engine):
    result = verify(dataset.path, workers=2)
    assert result.digest == dataset.digest
    assert result.run_again
    assert result.files == len(dataset.manifest.files)
    assert result.bytes == sum(p.stat().st_size for p in dataset.path.rglob("*.parquet"))
    assert result.other_versions == ()
    ((scenario, seed, out, workers, attacks, overwrite, progress),) = engine.calls
    assert (scenario, seed, workers) == (toy.SCENARIO, 7, 2)
    assert (attacks, overwrite, progress) == ((), False, None)
    assert out.parent.parent == dataset.path.parent  # the same file system
    assert beside(dataset) == ["world"]


def test_files_only_does_not_run(dataset, engine):
    assert not verify(dataset.path, files_only=True).run_again
    assert engine.calls == []


def test_a_changed_file_is_found_before_anything_runs(dataset, engine):
    path = dataset.path / "cards.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(CheckFailedError, match=r"cards\.parquet was changed"):
        verify(dataset.path)
    assert engine.calls == []


def test_the_first_file_that_differs_is_named(toy, dataset, engine):
    engine.rows = toy.without(toy.toy_rows(), "payees", 62)
    engine.rows = toy.edited(engine.rows, "terminals", 42, terminal_type="atm")
    message = r"gave other bytes: payees\.parquet differs \(2 rows then, 1 now\)$"
    with pytest.raises(CheckFailedError, match=message):
        verify(dataset.path)
    assert beside(dataset) == ["world"]


def test_versions_that_differ_are_named(toy, dataset, engine, monkeypatch):
    now = dataset.manifest.versions | {"numpy": "99.1"}
    # by its module: the package shows the function of that name
    monkeypatch.setattr(sys.modules["fraudsim.verify"], "installed_versions", lambda: now)
    (line,) = verify(dataset.path).other_versions
    assert line == f"numpy {dataset.manifest.versions['numpy']} then, 99.1 now"
    engine.rows = toy.without(toy.toy_rows(), "payees", 62)
    with pytest.raises(CheckFailedError, match=r"; versions differ: numpy .* then, 99\.1 now$"):
        verify(dataset.path)


def test_a_file_that_only_one_run_has_is_named(toy, dataset, engine, monkeypatch):
    def forget(staging, parts):
        (gone,) = (part for part in parts if part.path.startswith("events/month=2025-02"))
        (staging / gone.path).unlink()
        return [part for part in parts if part != gone]

    def simulate(scenario, seed, out, **_):
        return toy.write_toy(out, before_commit=forget)

    monkeypatch.setattr(sys.modules["fraudsim.engine"], "simulate", simulate)
    message = r"events/month=2025-02/part-00000\.parquet is not made again"
    with pytest.raises(CheckFailedError, match=message):
        verify(dataset.path)


def test_what_the_engine_raises_comes_through_and_nothing_is_left(dataset, engine, monkeypatch):
    def simulate(*_, **__):
        raise UsageError("unknown attack 'x'")

    monkeypatch.setattr(sys.modules["fraudsim.engine"], "simulate", simulate)
    with pytest.raises(UsageError, match="unknown attack 'x'"):
        verify(dataset.path)
    assert beside(dataset) == ["world"]


PATTERN = """
class Mine:
    name = "mine"
"""


@pytest.fixture
def registry(monkeypatch):
    """A registry that finds the class ``Mine`` in the files it is given, and nothing else."""
    module = ModuleType("fraudsim.registry")
    module.ATTACKS = "attacks"

    def discover(kind, extra=()):
        assert kind == "attacks"
        return {pattern.name: pattern for pattern in map(load, extra)}

    module.discover = discover
    monkeypatch.setitem(sys.modules, "fraudsim.registry", module)


def load(path):
    spec = importlib.util.spec_from_file_location(
        f"plug_{sha256(path.read_bytes()).hexdigest()}", path
    )
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Mine


@pytest.fixture
def with_attack(toy, tmp_path):
    """A dataset that used an attack from a file, and the file."""
    file = tmp_path / "plug" / "mine.py"
    file.parent.mkdir()
    file.write_text(PATTERN)
    source = AttackSource.of(load(file))
    assert source == AttackSource(name="mine", file_sha256=sha256(file.read_bytes()).hexdigest())
    return toy.write_toy(tmp_path / "world", attacks_from=[source]), file


def test_the_file_of_an_attack_is_taken(toy, with_attack, engine, registry):
    dataset, file = with_attack
    assert verify(dataset.path, attacks=[file]).run_again
    assert engine.calls[0][4] == (file,)


def test_a_missing_attack_is_asked_for(with_attack, engine, registry):
    dataset, _ = with_attack
    message = r"used the attack 'mine' from outside fraudsim: give its file .* with --attacks, or"
    with pytest.raises(UsageError, match=message):
        verify(dataset.path)
    assert engine.calls == []
    assert verify(dataset.path, files_only=True).digest == dataset.digest


def test_a_changed_attack_is_refused(with_attack, engine, registry):
    dataset, file = with_attack
    file.write_text(PATTERN + "# another\n")
    with pytest.raises(
        UsageError, match="'mine' is not the one that the dataset used: its SHA-256"
    ):
        verify(dataset.path, attacks=[file])
    assert engine.calls == []


def test_an_attack_that_the_dataset_did_not_use_is_refused(
    toy, tmp_path, with_attack, engine, registry
):
    _, file = with_attack
    plain = toy.write_toy(tmp_path / "plain")
    with pytest.raises(UsageError, match="the dataset did not use the attack 'mine'; give only"):
        verify(plain.path, attacks=[file])
    assert engine.calls == []


@pytest.mark.parametrize("module", ["typed_into_an_interpreter", "builtins"])
def test_an_attack_that_stands_in_no_file_cannot_be_run_again(
    toy, tmp_path, engine, registry, module
):
    pattern = type("Typed", (), {"name": "typed", "__module__": module})
    source = AttackSource.of(pattern)
    assert source.file_sha256 is None
    dataset = toy.write_toy(tmp_path / "world", attacks_from=[source])
    with pytest.raises(UsageError, match="'typed', which stood in no file: it cannot be run again"):
        verify(dataset.path)
    assert verify(dataset.path, files_only=True).digest == dataset.digest
