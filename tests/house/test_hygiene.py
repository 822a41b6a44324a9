"""House rules that a reader would otherwise have to check by eye, each shown to be able to fail."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THIS = Path("tests/house/test_hygiene.py")  # it names what it forbids

PLACEHOLDER = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
BARE_EXCEPTION = re.compile(
    r"#\s*type: ignore(?!\[[\w, -]+\]\s+# \S)"  # which error, and why
    r"|#\s*noqa(?!: [A-Z0-9, ]+ -- \S)"  # which rule, and why
)
HOST = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org"
    r"|--(?:extra-)?index-url|--find-links|--trusted-host"
)
MACHINE_PATH = re.compile(r"(?<![A-Za-z0-9_.~$}*)-])/(?:work|farm|root|tmp|home|Users)/")

LONGEST = 500  # lines; a file that is longer stands here with the reason
LONG_FILES = {
    "fraudsim/scenario.py": "every number of a scenario with its meaning and source",
    "tests/quality/life/test_honest_life.py": "one short test for each measure of honest life",
    "tests/scenario/test_scenario_files.py": "one short test for each mistake in a scenario",
    "attacks/kit/laundering.py": "one scheme of hops, planned and played, for nine patterns",
}

RANDOM_OR_CLOCK = re.compile(
    r"(np|numpy)\.random\.(?!Generator\b|SFC64\b|PCG64\b|Philox\b|SeedSequence\b|default_rng\b"
    r"|RandomState\b|BitGenerator\b)\w+"
    r"|(datetime\.)?datetime\.(now|utcnow|today)|(datetime\.)?date\.today"
    r"|time\.(time|time_ns)|os\.(urandom|getenv|environ)|uuid\.\w+|uuid[14]|secrets\.\w+"
    r"|random\.\w+|(self\.)?model\.(random|rng)|self\.random"
)
MAY_USE = {  # file -> what it may use, and why no result depends on it
    "attacks/kit/contract.py": ("random", "it sees whether a pattern draws from global generators"),
    "fraudsim/detectors/kit/resolve.py": (
        "os.environ",
        "it says whether payments may leave this machine, and how long another process has",
    ),
    "fraudsim/detectors/lightgbm.py": ("os.environ", "threads change how long it takes, not what"),
    "fraudsim/engine/on_ray.py": ("os.environ", "it says where the cluster is, not what it makes"),
    "fraudsim/engine/processes.py": ("os.environ", "a worker inherits the environment"),
    "fraudsim/sinks/remote_place.py": (
        "os.urandom",
        "the mark of a run goes when its dataset is done",
    ),
    "fraudsim/progress.py": ("os.environ", "how progress is shown depends on the terminal"),
}
SKIPS = ("skip", "skipif", "xfail", "importorskip")


def text_of(path):
    """The text of a file, empty when it is not text."""
    content = (ROOT / path).read_bytes() if (ROOT / path).is_file() else b""
    return "" if b"\0" in content else content.decode("utf-8")


def lines_with(pattern, text):
    return [
        number for number, line in enumerate(text.splitlines(), start=1) if pattern.search(line)
    ]


def dotted(node):
    """``a.b.c`` of an attribute chain, empty for anything else."""
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


def unseeded(text):
    """(line, what) of every use of a clock, the environment or a random source not of the run."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
            )
            found |= {(node.lineno, one) for one in modules if one in ("random", "secrets", "uuid")}
        elif isinstance(node, ast.Attribute) and RANDOM_OR_CLOCK.fullmatch(dotted(node)):
            found.add((node.lineno, dotted(node)))
        elif (
            isinstance(node, ast.Call)
            and dotted(node.func).endswith("default_rng")
            and not (node.args or node.keywords)
        ):
            found.add((node.lineno, "default_rng()"))
    return sorted(found)


def unreasoned_skips(text):
    """The lines of every skip or expected failure that does not say why."""
    nodes = list(ast.walk(ast.parse(text)))
    calls = {node.func: node for node in nodes if isinstance(node, ast.Call)}
    return [
        node.lineno
        for node in nodes
        if isinstance(node, ast.Attribute)
        and node.attr in SKIPS
        and dotted(node).startswith("pytest.")
        and not says_why(node.attr, calls.get(node))
    ]


def says_why(kind, call):
    if call is None:
        return False
    given = [word.value for word in call.keywords if word.arg == "reason"]
    if kind == "skip":
        given += call.args[:1]
    return any(not (isinstance(one, ast.Constant) and not one.value) for one in given)


def python_files(project_files, *folders):
    return [path for path in project_files if path.suffix == ".py" and path.parts[0] in folders]


def test_no_placeholders(project_files):
    found = [
        f"{path}:{line}"
        for path in project_files
        if path != THIS and path.suffix in (".py", ".md", ".yaml", ".toml", ".sh")
        for line in lines_with(PLACEHOLDER, text_of(path))
    ]
    assert found == []


def test_every_exception_to_a_checker_says_why(project_files):
    found = [
        f"{path}:{line}"
        for path in python_files(project_files, "fraudsim", "agents", "attacks", "tests", "docs")
        if path != THIS
        for line in lines_with(BARE_EXCEPTION, text_of(path))
    ]
    assert found == []


def test_no_index_hosts_and_no_machine_paths(project_files):
    found = [
        f"{path}:{line}"
        for path in project_files
        if path != THIS
        for line in lines_with(HOST, text_of(path)) + lines_with(MACHINE_PATH, text_of(path))
    ]
    assert found == []


def test_nothing_random_but_by_seed_and_no_clock(project_files):
    found = [
        f"{path}:{line}: {what}"
        for path in python_files(project_files, "fraudsim", "agents", "attacks")
        for line, what in unseeded(text_of(path))
        if MAY_USE.get(str(path), ("none",))[0] not in what
    ]
    assert found == []


def test_every_skip_says_why(project_files):
    found = [
        f"{path}:{line}"
        for path in python_files(project_files, "tests", "benchmarks")
        for line in unreasoned_skips(text_of(path))
    ]
    assert found == []


def test_files_are_short_or_say_why_not(project_files):
    lengths = {
        str(path): len(text_of(path).splitlines())
        for path in project_files
        if path.suffix in (".py", ".css", ".js") and not path.name.startswith("vendor_")
    }
    too_long = {path for path, length in lengths.items() if length > LONGEST}
    assert too_long - set(LONG_FILES) == set()
    assert set(LONG_FILES) - too_long == set(), "short by now: take it off the list"


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (PLACEHOLDER, "# TODO: later"),
        (PLACEHOLDER, "raise NotImplementedError"),
        (BARE_EXCEPTION, "x = y  # type: ignore"),
        (BARE_EXCEPTION, "x = y  # type: ignore[misc]"),
        (BARE_EXCEPTION, "x = y  # noqa"),
        (BARE_EXCEPTION, "x = y  # noqa: ARG001"),
        (HOST, "pip install --index-url https://index.example/simple x"),
        (HOST, "https://files.pythonhosted.org/x.whl"),
        (MACHINE_PATH, 'open("/tmp/x")'),
        (MACHINE_PATH, "cd /work/main"),
    ],
)
def test_a_line_that_must_not_be_there_is_caught(pattern, line):
    assert lines_with(pattern, f"fine\n{line}\nfine") == [2]


@pytest.mark.parametrize(
    "line",
    [
        "class NotImplementedErrorReport: ...",
        "x = y  # type: ignore[misc]  # mesa ships no types",
        "x = y  # noqa: ARG002 -- the protocol of loaders",
        "see https://example.org/work/paper",
        "tmp_path / 'work/x'",
    ],
)
def test_a_line_that_may_be_there_is_left_alone(line):
    assert not any(lines_with(p, line) for p in (PLACEHOLDER, BARE_EXCEPTION, HOST, MACHINE_PATH))


@pytest.mark.parametrize(
    "line",
    [
        "rng = np.random.default_rng()",
        "np.random.seed(7)",
        "x = np.random.normal(0, 1)",
        "import random",
        "from random import choice",
        "import uuid",
        "now = datetime.now(UTC)",
        "now = datetime.datetime.now()",
        "t = time.time()",
        "zone = os.environ['TZ']",
        "who = self.random.choice(agents)",
        "who = self.model.rng.choice(agents)",
    ],
)
def test_a_use_of_chance_or_clock_is_caught(line):
    assert len(unseeded(f"def f():\n    {line}\n")) == 1


@pytest.mark.parametrize(
    "line",
    [
        "rng = np.random.default_rng(seed)",
        "rng = np.random.Generator(np.random.SFC64(7))",
        "x = scene.rng.random(3)",
        "x = self.rng.normal()",
        "event_time = datetime(2025, 1, 1, tzinfo=UTC)",
    ],
)
def test_a_seeded_use_is_left_alone(line):
    assert unseeded(f"def f():\n    {line}\n") == []


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("@pytest.mark.skip", True),
        ("@pytest.mark.xfail(strict=True)", True),
        ('@pytest.mark.skipif(WINDOWS, reason="")', True),
        ('@pytest.mark.skipif(WINDOWS, reason="git makes no links there")', False),
        ('@pytest.mark.skip("needs a screen")', False),
    ],
)
def test_a_skip_without_a_reason_is_caught(line, caught):
    assert bool(unreasoned_skips(f"{line}\ndef test_it(): ...\n")) is caught
