"""Verify a dataset: are its files as they were written, and does the same run give them again?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fraudsim.dataset import Dataset, open_dataset
from fraudsim.errors import CheckFailedError, UsageError
from fraudsim.manifest import AttackSource, Manifest, installed_versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.progress import Progress
    from fraudsim.scenario import Scenario


@dataclass(frozen=True)
class VerifyResult:
    """What was checked, and held."""

    path: Path
    digest: str
    files: int
    bytes: int
    run_again: bool  # False when only the files were checked
    other_versions: tuple[str, ...]  # such as "numpy 2.3.0 then, 2.4.6 now"


def verify(
    path: str | Path,
    *,
    workers: int = 1,
    attacks: Sequence[str | Path] = (),
    files_only: bool = False,
    progress: Progress | None = None,
) -> VerifyResult:
    """Check every file of a dataset against its manifest, then run it again and compare.

    The second run goes to a folder beside the dataset, which is removed after: it needs as much
    space again.

    Args:
        path: the dataset.
        workers: processes of the second run; the result does not depend on them.
        attacks: files or folders with the attack patterns from outside that the dataset used; they
            are run, like with ``simulate``. Patterns of installed packages are found by themselves.
        files_only: do not run again.
        progress: where to show how far it is.

    Raises:
        UsageError: there is no dataset, or an attack pattern from outside that it used is missing
            or is another now.
        CheckFailedError: a file was changed, or the second run gave other bytes.
    """
    dataset = open_dataset(path)
    dataset.check_files(progress)
    if not files_only:
        _check_attacks_are_those(dataset.manifest.attacks_from, attacks)
        _run_again(dataset, workers=workers, attacks=attacks, progress=progress)
    files = dataset.manifest.files
    return VerifyResult(
        path=dataset.path,
        digest=dataset.digest,
        files=len(files),
        bytes=sum(entry.bytes for entry in files.values()),
        run_again=not files_only,
        other_versions=_other_versions(dataset.manifest),
    )


def _run_again(
    dataset: Dataset, *, workers: int, attacks: Sequence[str | Path], progress: Progress | None
) -> None:
    from fraudsim.engine import simulate

    scenario = _scenario(dataset)
    try:
        aside = TemporaryDirectory(
            prefix=f".{dataset.path.name}.verify-", dir=dataset.path.resolve().parent
        )
    except OSError as error:
        raise UsageError(
            f"cannot run again beside {dataset.path}: {error.strerror}; "
            "copy the dataset to a folder you can write to, or pass --files-only"
        ) from error
    with aside as folder:
        again = simulate(
            scenario,
            dataset.manifest.seed,
            Path(folder) / "again",
            workers=workers,
            attacks=attacks,
            overwrite=False,
            progress=progress,
        )
        if again.digest != dataset.digest:
            raise CheckFailedError(_difference(dataset, again.manifest))


def _scenario(dataset: Dataset) -> Scenario:
    manifest = dataset.manifest
    try:
        scenario = dataset.scenario()
    except UsageError as error:
        raise UsageError(f"{error}{_because(_other_versions(manifest))}") from error
    if scenario.digest != manifest.scenario_digest:
        raise CheckFailedError(
            f"{dataset.path}: the scenario in its manifest has the digest {scenario.digest}, "
            f"the manifest says {manifest.scenario_digest}"
            f"{_because(_other_versions(manifest))}"
        )
    return scenario


def _check_attacks_are_those(used: Sequence[AttackSource], given: Sequence[str | Path]) -> None:
    """Compare the attack patterns from outside, installed or in files, with those of the run."""
    if not used and not given:
        return
    from fraudsim.registry import ATTACKS, discover

    patterns = discover(ATTACKS, given)
    # simulate gives campaigns to every pattern it is handed, so one too many changes the run
    unused = patterns.keys() - discover(ATTACKS).keys() - {source.name for source in used}
    if unused:
        raise UsageError(
            f"--attacks: the dataset did not use the attack '{min(unused)}'; give only the files "
            "of those it used"
        )
    for source in used:
        if source.file_sha256 is None:
            raise UsageError(
                f"the dataset used the attack '{source.name}', which stood in no file: it cannot "
                "be run again; --files-only checks the files"
            )
        if source.name not in patterns:
            raise UsageError(
                f"the dataset used the attack '{source.name}' from outside fraudsim: give its file "
                f"(SHA-256 {source.file_sha256}) with --attacks, or install its package"
            )
        found = AttackSource.of(patterns[source.name]).file_sha256
        if found != source.file_sha256:
            raise UsageError(
                f"the file of the attack '{source.name}' is not the one that the dataset used: its "
                f"SHA-256 is {found}, it should be {source.file_sha256}; give that one with "
                "--attacks"
            )


def _difference(dataset: Dataset, again: Manifest) -> str:
    then, now = dataset.manifest.files, again.files
    for path in sorted(then.keys() | now.keys()):
        if then.get(path) != now.get(path):
            break
    if path not in now:
        what = "is not made again"
    elif path not in then:
        what = "is made now and was not then"
    else:
        what = f"differs ({then[path].rows} rows then, {now[path].rows} now)"
    return (
        f"{dataset.path}: the same scenario and seed gave other bytes: {path} {what}"
        f"{_because(_other_versions(dataset.manifest))}"
    )


def _other_versions(manifest: Manifest) -> tuple[str, ...]:
    now = installed_versions()
    return tuple(
        f"{name} {manifest.versions.get(name, 'unknown')} then, {now[name]} now"
        for name in sorted(now)
        if manifest.versions.get(name) != now[name]
    )


def _because(versions: tuple[str, ...]) -> str:
    return f"; versions differ: {', '.join(versions)}" if versions else ""
