"""The commands for who writes patterns: new, check and preview, with deliberately bad patterns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fraudsim import cli
from fraudsim.attack_tools import preview as preview_module
from fraudsim.attack_tools.check import check
from fraudsim.attack_tools.new import new
from fraudsim.attack_tools.preview import preview
from fraudsim.attacks.kit.contract import CHECKS, broken
from fraudsim.errors import UsageError
from fraudsim.registry import ATTACKS, get

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Run = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).resolve().parents[2]

PATTERN = '''
from typing import ClassVar
import numpy as np
from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.pattern import AttackPattern, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

class Bad(AttackPattern):
    """Buy with phished cards, five times each at most."""

    name: ClassVar[str] = "{name}"
    summary: ClassVar[str] = "{name} is bad"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(f3=("F1028",))
    sources: ClassVar[tuple[str, ...]] = ("made for this test",)
    look_alike: ClassVar[str] = "presents"
    stages: ClassVar[tuple[str, ...]] = ("buy",)
    expectations = (Expectation("victims", {least_victims}, 9, "made for this test"),)
    cards: int = parameter(3, "cards", "assumption", ge=1)

    def run(self, scene):
        cards = scene.steal_cards(self.cards, via="phishing")
        shops = scene.online_merchants("clothing", len(cards))
        accounts = scene.accounts({accounts}, via="phishing")
        for turn in range(5):
            if not len(cards):
                return
            {before}
            answer = yield scene.charge(
                cards, at=shops[: len(cards)], amount_minor={amount},
                after_s=scene.pace(len(cards), median_s=90), stage="buy", device={device},
            )
            cards = cards[{kept}]
            scene.wait(hours=float(scene.rng.exponential(9)))
'''
SOUND = {
    "accounts": "0",
    "least_victims": "1",
    "before": "pass",
    "amount": "scene.price(shops[: len(cards)])",
    "device": "scene.device()",
    "kept": "answer.approved",
}
BAD: Mapping[str, tuple[dict[str, str], str, str]] = {
    # name: (what is changed, the check that finds it, what it says)
    "own_dice": (
        {"amount": "np.random.default_rng().integers(100, 9_000, len(cards))"},
        "repeats",
        "does not repeat itself for seed 0; draw from scene.rng and nothing else",
    ),
    "no_device": (
        {"device": "0"},
        "leaks_nothing_by_form",
        "leaves device empty in",
    ),
    "time_traveller": (
        {"before": "scene.wait(hours=-30.0 * (turn > 0))"},
        "stays_inside_the_run",
        "turned the clock back; let time pass with scene.wait(days=... >= 0)",
    ),
    "never_enough": (
        {
            "accounts": "1",
            "before": "for _ in range(0 if turn else 2_100):\n"
            "                yield scene.log_in(accounts, after_s=9.0)",
        },
        "keeps_its_time",
        "where 2,000 and 20,000 are allowed; act on many victims in one batch",
    ),
    "wrong_about_itself": (
        {"least_victims": "7"},
        "meets_its_expectations",
        "expects a median victims of 7 to 9 and has 3; mend the story, or the expectation",
    ),
    "no_end": (
        {"accounts": "1", "before": "while True: yield scene.log_in(accounts, after_s=9.0)"},
        "keeps_its_time",
        "does not end: 20000 batches were handed over; bound every loop",
    ),
    "mistaken": (
        {"kept": "answer.no_such_thing"},
        "keeps_its_time",
        "raised AttributeError: 'Outcomes' object has no attribute 'no_such_thing' (line 32 of",
    ),
}


def write_pattern(folder: Path, name: str, changes: Mapping[str, str]) -> Path:
    path = folder / f"{name}.py"
    path.write_text(PATTERN.format(name=name, **{**SOUND, **changes}))
    return path


# check


@pytest.fixture(scope="module")
def checked(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """What ``check`` says of a folder with bad patterns and a sound one."""
    folder = tmp_path_factory.mktemp("patterns")
    write_pattern(folder, "sound", {})
    for name, (changes, _, _) in BAD.items():
        write_pattern(folder, name, changes)
    command = [sys.executable, "-m", "fraudsim", "attacks", "check", ".", "--json"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done, {one["name"]: one for one in json.loads(done.stdout)}


def test_check_fails_with_3_and_names_the_bad(
    checked: tuple[subprocess.CompletedProcess[str], dict[str, Any]],
) -> None:
    done, results = checked
    assert done.returncode == 3
    names = ", ".join(sorted(BAD))
    assert done.stderr == f"fraudsim: error: {len(BAD)} of {len(BAD) + 1} patterns: {names}\n"
    assert set(results) == {*BAD, "sound"}


def test_check_passes_a_sound_pattern_among_bad_ones(
    checked: tuple[subprocess.CompletedProcess[str], dict[str, Any]],
) -> None:
    assert checked[1]["sound"] == {
        "name": "sound",
        "file": "sound.py",
        "checks": len(CHECKS),
        "well": True,
        "faults": [],
    }


@pytest.mark.parametrize("name", BAD)
def test_a_bad_pattern_fails_for_its_own_reason(
    name: str, checked: tuple[subprocess.CompletedProcess[str], dict[str, Any]]
) -> None:
    _, found_by, says = BAD[name]
    result = checked[1][name]
    assert not result["well"]
    messages = [one["message"] for one in result["faults"] if found_by in one["checks"]]
    assert len(messages) == 1
    assert says in messages[0]


def test_no_two_bad_patterns_fail_for_the_same_reason() -> None:
    assert len({says for _, _, says in BAD.values()}) == len(BAD) >= 5


def test_a_story_that_never_yields_is_given_up(tmp_path: Path) -> None:
    path = write_pattern(tmp_path, "stuck", {"before": "while turn == 0: pass"})
    (result,) = check([str(path)], patience_s=2.0)
    (fault,) = result.faults
    assert "does not come back within 2 s (line 27); bound every loop" in fault.message


def test_check_takes_names_and_files_of_ours(run: Run) -> None:
    path = ROOT / "attacks" / "cards" / "lost_or_stolen_card.py"
    done = run("attacks", "check", str(path), "lost_or_stolen_card")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"lost_or_stolen_card: all {len(CHECKS)} checks pass\n"


def test_check_prints_each_fault_with_the_checks_that_found_it(run: Run, tmp_path: Path) -> None:
    write_pattern(tmp_path, "no_device", {"device": "0"})
    done = run("attacks", "check", "no_device.py")
    assert done.returncode == 3
    head, checks, message = done.stdout.splitlines()
    assert head == "no_device: 1 fault (no_device.py)"
    assert checks == "  leaks_nothing_by_form:"
    assert message.strip().startswith("leaves device empty in ")
    assert message.endswith("give device=scene.device() or scene.usual_devices(cards)")


# new


def test_a_new_pattern_keeps_the_contract_its_test_passes_and_its_style_is_ours(
    run: Run, tmp_path: Path, environment: dict[str, str]
) -> None:
    name = "a_name_as_long_as_is_allowed_x"
    done = run("attacks", "new", name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"wrote {name}.py",
        f"wrote tests/test_{name}.py",
        f"wrote docs/{name}.md",
        f"next: fraudsim attacks check {name}.py",
    ]
    assert broken(get(ATTACKS, name, [tmp_path / f"{name}.py"])) == {}
    page = (tmp_path / "docs" / f"{name}.md").read_text()
    shown = run("attacks", "show", name, "--attacks", f"{name}.py", "--markdown")
    assert shown.stdout == page
    assert "| `cards` | 5 | mean number of cards phished | assumption |" in page
    settings = ("--config", str(ROOT / "pyproject.toml"))
    for command in (
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        [sys.executable, "-m", "ruff", "check", *settings, f"{name}.py", "tests"],
        [sys.executable, "-m", "ruff", "format", "--check", *settings, f"{name}.py", "tests"],
    ):
        made = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stdout + made.stderr


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("CamelCase", "'CamelCase' cannot be the name of a pattern; take lower case"),
        ("../escape", "cannot be the name of a pattern"),
        ("class", "cannot be the name of a pattern"),
        ("test_it", "cannot be the name of a pattern"),
        ("kit", "cannot be the name of a pattern"),
        ("x" * 31, "30 letters at most"),
        ("card_testing", "there is a pattern named 'card_testing'"),
    ],
)
def test_new_refuses_a_name(name: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        new(name, folder=tmp_path)
    assert says in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", ["mine.py", "tests/test_mine.py", "docs/mine.md"])
def test_new_replaces_nothing(there: str, tmp_path: Path) -> None:
    path = tmp_path / there
    path.parent.mkdir(exist_ok=True)
    path.write_text("kept")
    with pytest.raises(UsageError, match="exists; take another name or folder"):
        new("mine", folder=tmp_path)
    assert path.read_text() == "kept"
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [path]


def test_new_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        new("mine", folder=tmp_path / "none")


def test_a_playbook_begins_from_the_template_and_keeps_the_contract(tmp_path: Path) -> None:
    made = new("slow_burn", folder=tmp_path, playbook=True)
    assert made.pattern == tmp_path / "slow_burn.yaml"
    (result,) = check([str(made.pattern)])
    assert result.faults == ()


# preview


@pytest.fixture
def small_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_module, "CUSTOMERS", 150)
    monkeypatch.setattr(preview_module, "DAYS", 30)
    monkeypatch.setattr(preview_module, "CAMPAIGNS", 2)
    monkeypatch.setattr(preview_module, "LAST_DAY", 10)


@pytest.mark.usefixtures("small_preview")
def test_preview_tells_the_largest_campaign_and_writes_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pattern(tmp_path, "sound", {})
    page = tmp_path / "page.html"
    words = ["attacks", "preview", str(tmp_path / "sound.py"), "-o", str(page), "--quiet"]
    assert cli.main([*words, "--rows", "2"]) == 0
    text = capsys.readouterr().out
    assert "pattern: sound" in text
    assert "world: 150 customers for 30 days, seed 1" in text
    assert "  step buy" in text
    assert "rows more; --rows " in text
    assert "amount (GBP, log scale): o approved, x refused" in text
    html = page.read_text()
    assert html.startswith("<!doctype html>")
    assert f"fraudsim attacks preview {tmp_path / 'sound.py'} --seed 1" in html


@pytest.mark.usefixtures("small_preview")
def test_preview_says_when_nothing_happened(tmp_path: Path) -> None:
    path = write_pattern(tmp_path, "idle", {"before": "return"})
    found = preview(str(path))
    assert found.campaign is None
    assert found.about["campaigns"].startswith("0 payments, 0 approved, ")


def test_preview_wants_one_pattern(tmp_path: Path) -> None:
    write_pattern(tmp_path, "one", {})
    write_pattern(tmp_path, "two", {})
    with pytest.raises(UsageError, match=r"holds several patterns \(one, two\)"):
        preview(str(tmp_path))


# errors


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["attacks", "check", "card_tesing"], "did you mean 'card_testing'?"),
        (["attacks", "check", "none.py"], "none.py: no such file or folder"),
        (["attacks", "check"], "Missing argument 'FILE_OR_NAME...'"),
        (["attacks", "preview", "card_tesing"], "did you mean 'card_testing'?"),
        (["attacks", "preview", "card_testing", "-o", "none/x.html"], "does not exist"),
        (["attacks", "new", "Bad"], "cannot be the name of a pattern"),
        (["explain", "none"], "none does not exist"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_usage_is_one_line_and_exit_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert says in line
