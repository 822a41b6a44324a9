"""Every check on frauds that were made, judged."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim import __version__
from fraudsim.balance_quality import copies, detection, fidelity, membership, sequences
from fraudsim.balance_quality.made_rows import LEAST_ROWS, MadeRows, remade_by
from fraudsim.balance_quality.page import page
from fraudsim.encoding import as_frame, as_fraud
from fraudsim.errors import UsageError
from fraudsim.quality.audit import VERDICTS, without_nan
from fraudsim.quality.check import CannotCheckError, Finding, Measurement, Verdict
from fraudsim.sinks.whole_file import check_target, written_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fraudsim.rebalancers.base import Rebalancer

FORMAT = "fraudsim.balance_quality/1"

CHECKS: Mapping[str, Callable[[MadeRows], Iterator[Measurement]]] = {
    "fidelity.column_shapes": fidelity.column_shapes,
    "fidelity.pair_trends": fidelity.pair_trends,
    "fidelity.detection": detection.detection,
    "sequences.coherence": sequences.coherence,
    "copies.exact": copies.exact,
    "copies.near": copies.near,
    "membership.real_rows": membership.real_rows,
    "membership.canaries": membership.canaries,
}
"""Every check as ``group.name``; its measurements begin with the name."""

PRIVACY = ("copies", "membership")
"""The groups that say whether real rows are given away."""


@dataclass(frozen=True)
class Judgement:
    """What the checks found.

    Attributes:
        subject: what was judged, such as the name of a method.
        seed: of everything random in the checks.
        rows: of the training, held-out and made frauds.
        findings: in the order of the checks.
    """

    subject: str
    seed: int
    rows: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many findings there are of each verdict."""
        counts = Counter(finding.verdict for finding in self.findings)
        return {verdict: counts[verdict] for verdict in VERDICTS}

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The findings that fail."""
        return tuple(finding for finding in self.findings if finding.verdict == "fail")

    @property
    def keeps_privacy(self) -> bool:
        """Whether no check of copies and membership failed, and all of them were made."""
        return all(
            finding.verdict not in ("fail", "not_made")
            for finding in self.findings
            if finding.id.partition(".")[0] in PRIVACY
        )

    @property
    def verdict(self) -> str:
        """One sentence for a manager."""
        leaks = [one.id for one in self.failed if one.id.partition(".")[0] in PRIVACY]
        unlike = [one.id for one in self.failed if one.id not in leaks]
        if leaks:
            return f"Do not share rows made by {self.subject}: {_listed(leaks)} failed."
        if not self.keeps_privacy:
            return f"Whether {self.subject} gives real rows away is open: not every check was made."
        if unlike:
            return (
                f"No leak of {self.subject} was found, but its rows are not like real frauds: "
                f"{_listed(unlike)} failed."
            )
        return f"No leak of {self.subject} was found, and its rows are like real frauds."

    def as_dict(self) -> dict[str, Any]:
        """Return everything as JSON values; what is no number is null."""
        value = {
            "format": FORMAT,
            "version": __version__,
            "subject": self.subject,
            "seed": self.seed,
            "rows": dict(self.rows),
            "verdict": self.verdict,
            "keeps_privacy": self.keeps_privacy,
            "counts": self.counts,
            "findings": [asdict(finding) for finding in self.findings],
        }
        clean: dict[str, Any] = without_nan(value)
        return clean

    def as_html(self) -> str:
        """Return the page; it stands alone and asks the network for nothing."""
        return page(self)

    def write(self, path: str | Path) -> Path:
        """Write the page (``.html``) or the figures (``.json``); one that exists is replaced.

        Raises:
            UsageError: the file cannot be written, or ends in something else.
        """
        target = Path(path)
        if target.suffix.lower() not in (".html", ".json"):
            raise UsageError(f"{target}: give a file that ends in .html or .json")
        check_target(target)
        text = (
            self.as_html()
            if target.suffix.lower() == ".html"
            else json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n"
        )
        with written_whole(target) as aside:
            aside.write_text(text, encoding="utf-8")
        return target


def judge(rows: MadeRows, subject: str = "made frauds") -> Judgement:
    """Judge frauds that were made: fidelity, sequences, copies and membership.

    Args:
        rows: made, training and held-out frauds.
        subject: what they are called.
    """
    findings = [found for name, check in CHECKS.items() for found in _findings(name, check, rows)]
    sizes = {name: getattr(rows, name).height for name in ("train", "held_out", "made")}
    return Judgement(subject, rows.seed, sizes, tuple(findings))


def judge_rebalancer(
    rebalancer: Rebalancer,
    X: Any,  # noqa: N803 -- scikit-learn's names
    y: Any,
    *,
    seed: int = 1,
) -> Judgement:
    """Judge a method that adds frauds on somebody's training rows.

    A random half of the frauds is held out, the method learns from the other half and all genuine
    rows, and once more with canaries planted. So the frauds judged are those that it makes of half
    of them, and it takes twice the time of the method. The ratio of the method has to leave room
    for the planted ones.

    Args:
        rebalancer: adds frauds.
        X: training rows: a polars or pandas table, or a numpy matrix.
        y: 1 or true for the rows known as fraud.
        seed: of the halves and of everything random in the checks.

    Raises:
        UsageError: there are too few frauds, the method adds none, or as its ``rebalance``.
    """
    frame, fraud = as_frame(X), as_fraud(y)
    known = np.random.default_rng(seed).permutation(np.flatnonzero(fraud))
    if known.size < 2 * LEAST_ROWS:
        raise UsageError(
            f"{known.size} known frauds are too few to hold half of them out; "
            f"{2 * LEAST_ROWS} or more are needed"
        )
    train, held_out = frame[np.sort(known[::2])], frame[np.sort(known[1::2])]
    remake = remade_by(rebalancer, frame.filter(~fraud))
    made = remake(train)
    if made.is_empty():
        raise UsageError(f"{rebalancer.name} adds no frauds: there is nothing to judge")
    rows = MadeRows(train, held_out, made, remake=remake, seed=seed)
    return judge(rows, rebalancer.name)


def _findings(
    name: str, check: Callable[[MadeRows], Iterator[Measurement]], rows: MadeRows
) -> Iterator[Finding]:
    """Yield what a check says, or why it could not be made."""
    group = name.partition(".")[0]
    try:
        for one in check(rows):
            verdict: Verdict = "info" if one.band is None else one.band.verdict(one.value)
            yield Finding(
                f"{group}.{one.name}",
                verdict,
                one.value,
                one.band,
                one.interval,
                one.sentence,
                one.detail,
            )
    except CannotCheckError as error:
        yield Finding(name, "not_made", None, None, None, str(error), {})


def _listed(names: list[str]) -> str:
    return ", ".join(names)
