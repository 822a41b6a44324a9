"""The order of difficulty of several audited data sets: easy, realistic, hard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fraudsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.quality.audit import Audit


def order_of(audits: Mapping[str, Audit], stream: str) -> tuple[str, ...]:
    """Return the names of audited data sets from the easiest to the hardest.

    Args:
        audits: by name, for instance of a difficulty.
        stream: ``online``, ``transfers`` or ``all``: whose average precision of boosting counts.

    Raises:
        UsageError: an audit has no such figure.
    """
    return tuple(sorted(audits, key=lambda name: -_found(name, audits[name], stream)))


def _found(name: str, audit: Audit, stream: str) -> float:
    wanted = f"difficulty.boosting_average_precision_{stream}"
    for finding in audit.findings:
        if finding.id == wanted and finding.value is not None:
            return finding.value
    raise UsageError(f"the audit of {name} did not measure {wanted}")
