"""Imports go one way: this reads them all, late ones too, and holds the direction."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"fraudsim": "fraudsim", "fraudsim.agents": "agents", "fraudsim.attacks": "attacks"}

# room -> its modules (with all below them). Simulating and learning share only the foundation.
ROOMS = {
    "foundation": (
        "data_dictionary",
        "croissant",
        "dataset",
        "dataset_card",
        "draws",
        "errors",
        "integrity",
        "kernel",
        "manifest",
        "moments",
        "pages",
        "presets",
        "progress",
        "registry",
        "rows",
        "scenario",
        "scenario_attacks",
        "scenario_files",
        "schema",
        "sinks",
        "streams",
        "strict_yaml",
        "validation",
        "_whole_file",
    ),
    "world": ("world",),
    "identities": ("identities",),
    "attacks": ("attacks", "attack_descriptions"),
    "agents": ("agents",),
    "engine": ("engine",),
    "parts": (
        "detectors",
        "encoding",
        "examples",
        "features",
        "metrics",
        "own_table",
        "rebalancers",
        "splits",
    ),
    "more_frauds": ("more_frauds",),
    "learning": (
        "benchmark",
        "comparison",
        "harness",
        "rebalance",
        "rebalance_quality",
        "save_detector",
        "training_set",
    ),
    "tracks": ("tracks",),
    "quality": ("quality",),
    "balance_quality": ("balance_quality",),
    "report": ("report",),
    "leaderboard": ("leaderboard",),
    "explain": ("explain",),
    "attack_tools": ("attack_tools",),
    "verify": ("verify",),
    "cost": ("cost",),
    "export": ("export",),
    "cli": ("cli", "__main__"),
}

# room -> the rooms it may import from, besides its own
MAY_IMPORT = {
    "foundation": (),
    "world": ("foundation",),
    "identities": ("foundation",),
    "attacks": ("foundation", "world"),
    "agents": ("foundation", "world", "attacks"),
    "engine": ("foundation", "world", "identities", "attacks", "agents"),
    "parts": ("foundation",),
    "more_frauds": ("foundation", "engine", "parts", "quality"),
    "learning": ("foundation", "parts", "more_frauds", "balance_quality"),
    "tracks": ("foundation", "engine", "parts", "learning", "leaderboard"),
    "quality": ("foundation", "parts"),
    "balance_quality": ("foundation", "parts", "quality"),
    "report": ("foundation",),
    "leaderboard": ("foundation", "report"),
    "explain": ("foundation", "attacks", "report"),
    "attack_tools": ("foundation", "world", "attacks", "engine", "explain", "report"),
    "verify": ("foundation", "engine"),
    "cost": ("foundation", "world", "attacks", "engine"),
    "export": ("foundation", "identities"),
    "cli": tuple(ROOMS),
}


def room_of(module):
    """The room of a full module name, None for the package itself; KeyError for no room."""
    if module == "fraudsim":
        return None
    top = module.split(".")[1]
    for room, modules in ROOMS.items():
        if top in modules:
            return room
    raise KeyError(f"{module} stands in no room: add it to ROOMS where it belongs")


def modules_in(root):
    """Full module name -> file, for every module of the three folders below ``root``."""
    found = {}
    for package, folder in FOLDERS.items():
        for path in sorted((root / folder).rglob("*.py")):
            inside = path.relative_to(root / folder).with_suffix("").parts
            if package == "fraudsim" and inside[0] in ("agents", "attacks"):
                continue  # reached through the links: the same files again
            found[".".join([package, *inside]).removesuffix(".__init__")] = path
    return found


def imported_by(module, path, known):
    """Yield (line, full name) of every module of fraudsim that a file imports, anywhere in it."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base]).rstrip(".")
            submodules = [f"{base}.{alias.name}" for alias in node.names]
            names = [name if name in known else base for name in submodules]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            first = node.args[0] if node.args else None
            is_name = isinstance(first, ast.Constant) and isinstance(first.value, str)
            names = [first.value] if is_name else []
        else:
            continue
        yield from (
            (node.lineno, name)
            for name in names
            if name == "fraudsim" or name.startswith("fraudsim.")
        )


def wrong_imports(root):
    """What breaks the direction below ``root``: one line each, with file and line."""
    modules = modules_in(root)
    problems = []
    for module, path in modules.items():
        room = room_of(module)
        if room is None:
            continue  # the package's names, each loaded on first use
        for line, name in imported_by(module, path, modules):
            other = room_of(name)
            if other not in (None, room, *MAY_IMPORT[room]):
                where = f"{path.relative_to(root)}:{line}"
                problems.append(f"{where}: {module} ({room}) imports {name} ({other})")
    return sorted(set(problems))


def test_imports_go_one_way():
    assert wrong_imports(ROOT) == []


def test_the_rooms_allow_no_way_round():
    """Following what rooms may import never comes back to where it started."""
    for room in ROOMS:
        reached, ahead = set(), [other for other in MAY_IMPORT[room] if other != room]
        while ahead:
            other = ahead.pop()
            if other not in reached:
                reached.add(other)
                ahead += MAY_IMPORT[other]
        assert room == "cli" or room not in reached


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("fraudsim/schema.py", "from fraudsim.engine import simulate"),
        ("fraudsim/dataset.py", "def f():\n    from fraudsim import benchmark"),
        ("fraudsim/splits.py", "import fraudsim.world.world"),
        ("fraudsim/detectors/lightgbm.py", "from fraudsim.agents.issuer import Issuer"),
        ("fraudsim/features/velocity.py", "from ..engine import simulate"),
        ("fraudsim/engine/model.py", "from fraudsim.features import velocity"),
        ("fraudsim/metrics.py", "if TYPE_CHECKING:\n    from fraudsim.benchmark import Result"),
        ("fraudsim/rebalance.py", "module = import_module('fraudsim.attacks')"),
        ("agents/fraudster.py", "from fraudsim.engine import simulate"),
        ("attacks/cards/card_testing.py", "from fraudsim.agents.fraudster import Fraudster"),
        ("fraudsim/world/world.py", "class W:\n    def f(self):\n        import fraudsim.attacks"),
        ("fraudsim/report/page.py", "from fraudsim.benchmark import benchmark"),
        ("fraudsim/engine/model.py", "from fraudsim.cli import main"),
    ],
)
def test_a_forbidden_import_is_caught(tmp_path, file, statement):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    for stub in ("fraudsim/benchmark.py", "fraudsim/engine/__init__.py"):  # what is imported
        (tmp_path / stub).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / stub).write_text("")
    path.write_text(statement)
    problems = wrong_imports(tmp_path)
    assert len(problems) == 1
    assert problems[0].startswith(f"{file}:")


def test_an_allowed_import_is_not_caught(tmp_path):
    (tmp_path / "fraudsim").mkdir()
    (tmp_path / "fraudsim" / "verify.py").write_text("from fraudsim.engine import simulate")
    assert wrong_imports(tmp_path) == []


def test_a_module_in_no_room_is_caught(tmp_path):
    (tmp_path / "fraudsim").mkdir()
    (tmp_path / "fraudsim" / "helpers.py").write_text("")
    with pytest.raises(KeyError, match=r"fraudsim\.helpers stands in no room"):
        wrong_imports(tmp_path)
