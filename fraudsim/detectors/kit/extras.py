"""Packages that only some detectors need: asked for when such a detector is built."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from fraudsim.errors import UsageError


def needed(package: str, *, by: str, extra: str) -> Any:
    """Import a package of an extra.

    Args:
        package: its import name.
        by: what needs it, for the message.
        extra: the extra of fraudsim that brings it.

    Raises:
        UsageError: it is not installed; says what to install.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package.partition(".")[0]:
            raise  # it is there, and something that it needs is not
        raise UsageError(
            f"{by} needs the package {package.partition('.')[0]}, which is not installed: "
            f"pip install 'fraudsim[{extra}]'"
        ) from error
