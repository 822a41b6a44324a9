"""The audit: every check on one subject, judged by the bands."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraudsim import __version__
from fraudsim.errors import UsageError
from fraudsim.progress import SilentProgress
from fraudsim.quality.bands import Bands, load_bands
from fraudsim.quality.check import CannotCheckError, Check, Finding, Measurement, Verdict
from fraudsim.quality.discovery import choose, discover
from fraudsim.quality.opening import open_subject
from fraudsim.quality.page import page
from fraudsim.quality.subject import Subject
from fraudsim.sinks.whole_file import check_target, written_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fraudsim.dataset import Dataset
    from fraudsim.progress import Progress

FORMAT = "fraudsim.audit/1"
NAMED = 6
"""Checks that the line about the failed ones names."""

PROFILES = ("cards", "payments", "mixed", "any")
VERDICTS: tuple[Verdict, ...] = ("fail", "warn", "pass", "info", "not_made")


@dataclass(frozen=True)
class Audit:
    """What the audit found.

    Attributes:
        subject: name of what was audited.
        profile: which bands applied.
        source: what it is from, as JSON values.
        bands_version: version of the bands.
        seed: of everything random in the checks.
        findings: in the order of the groups and checks.
        notes: what was left out or assumed while opening the data.
        path: the file that was written; ``None`` if none was asked for.
    """

    subject: str
    profile: str
    source: Mapping[str, Any]
    bands_version: int
    seed: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    path: Path | None = None

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The findings that fail."""
        return tuple(finding for finding in self.findings if finding.verdict == "fail")

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many findings there are of each verdict."""
        counts = Counter(finding.verdict for finding in self.findings)
        return {verdict: counts[verdict] for verdict in VERDICTS}

    @property
    def complaint(self) -> str:
        """One line that names what failed; empty if nothing did."""
        names = [finding.id for finding in self.failed]
        some = ", ".join(names[:NAMED]) + (
            f" and {len(names) - NAMED} more" if names[NAMED:] else ""
        )
        word = "check" if len(names) == 1 else "checks"
        return f"{self.subject}: {len(names)} {word} failed: {some}" if names else ""

    def as_dict(self) -> dict[str, Any]:
        """Return everything as JSON values; what is no number is null."""
        value = {
            "format": FORMAT,
            "version": __version__,
            "subject": self.subject,
            "profile": self.profile,
            "source": dict(self.source),
            "bands_version": self.bands_version,
            "seed": self.seed,
            "counts": self.counts,
            "findings": [asdict(finding) for finding in self.findings],
            "notes": list(self.notes),
        }
        clean: dict[str, Any] = without_nan(value)
        return clean


def audit(
    data: str | Path | Dataset | Subject,
    *,
    map: str | Path | None = None,  # noqa: A002 -- named after the option
    only: Sequence[str] = (),
    bands: str | Path | None = None,
    profile: str | None = None,
    seed: int = 1,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Ask of labelled payments whether they are worth learning from.

    Args:
        data: a dataset or its folder; a ``.csv`` or ``.parquet`` file; or an opened subject.
        map: what the columns of a file mean: the name of a map that comes with fraudsim, or a
            YAML file.
        only: groups, or checks as ``group.name``; all by default.
        bands: a YAML file with bands that go before ours.
        profile: ``cards``, ``payments``, ``mixed`` or ``any``: which bands apply.
        seed: of everything random in the checks.
        out: a ``.html`` or ``.json`` file to write; one that exists is replaced.
        progress: where to show how far it is, in checks.

    Raises:
        UsageError: the data, the map, the bands, a name or the file to write cannot be used.
        FraudsimError: the file cannot be written.
    """
    target = None if out is None else _checked(Path(out))
    if profile is not None and profile not in PROFILES:
        raise UsageError(f"no profile '{profile}'; known: {', '.join(PROFILES)}")
    checks = choose(discover(), only)
    loaded = load_bands(bands)
    subject = (
        data if isinstance(data, Subject) else open_subject(data, map, profile=profile, seed=seed)
    )
    findings: list[Finding] = []
    with (progress or SilentProgress()).task("audit", total=len(checks)) as task:
        for check in checks:
            findings += _findings(check, subject, loaded)
            task.advance()
    result = Audit(
        subject=subject.name,
        profile=subject.profile,
        source=subject.source,
        bands_version=loaded.version,
        seed=subject.seed,
        findings=tuple(findings),
        notes=subject.notes,
        path=target,
    )
    if target is not None:
        _write(result, target)
    return result


def _checked(path: Path) -> Path:
    if path.suffix.lower() not in (".html", ".json"):
        raise UsageError(f"{path}: give a file that ends in .html or .json")
    check_target(path)
    return path


def _write(result: Audit, path: Path) -> None:
    if path.suffix.lower() == ".json":
        content = json.dumps(result.as_dict(), indent=2, ensure_ascii=False, default=str) + "\n"
    else:
        content = page(result)
    with written_whole(path) as aside:
        aside.write_text(content, encoding="utf-8")


def _findings(check: Check, subject: Subject, bands: Bands) -> Iterator[Finding]:
    """Yield what a check says; what it measured before it could not go on is kept."""
    try:
        for measured in check.measure(subject):
            yield _judged(check, measured, subject.profile, bands)
    except CannotCheckError as error:
        yield Finding(f"{check.group}.{check.name}", "not_made", None, None, None, str(error), {})


def _judged(check: Check, measured: Measurement, profile: str, bands: Bands) -> Finding:
    assert measured.name.startswith(check.name), f"{measured.name} is not of {check.name}"
    name = f"{check.group}.{measured.name}"
    band = bands.find(name, profile) or measured.band
    return Finding(
        id=name,
        verdict="info" if band is None else band.verdict(measured.value, measured.interval),
        value=measured.value,
        band=band,
        interval=measured.interval,
        sentence=measured.sentence,
        detail=measured.detail,
    )


def without_nan(value: Any) -> Any:
    """Return JSON values in which what is no number is null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(inner) for inner in value]
    return value
