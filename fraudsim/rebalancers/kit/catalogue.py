"""What rebalancers there are, as they say themselves."""

from __future__ import annotations

from typing import Any

from fraudsim.rebalancers.base import Rebalancer
from fraudsim.registry import REBALANCERS, discover

HEAD = """# Rebalancers

<!-- Written by `make docs` from the rebalancers themselves. -->

What `fraudsim rebalance --method` takes; [rebalancing.md](rebalancing.md) says which to choose.
"By kind" are those that take `--by`. Parameters are given in Python; the command line has `--ratio`
and `--seed`.

| method | what comes out | by kind | parameters | from |
| --- | --- | --- | --- | --- |
"""


def catalogue() -> list[dict[str, Any]]:
    """Return every rebalancer as JSON values, by name."""
    return [
        {
            "name": name,
            "summary": cls.summary,
            "reference": cls.reference,
            "by_kind": takes_kinds(cls),
            "weighs": cls.weighs,
            "parameters": cls().get_params(),
        }
        for name, cls in discover(REBALANCERS).items()
    ]


def catalogue_markdown() -> str:
    """Return the page about the rebalancers that come along."""
    ours = {name for name, cls in discover(REBALANCERS).items() if _is_ours(cls)}
    rows = [_row(one) for one in catalogue() if one["name"] in ours]
    return HEAD + "".join(rows)


def takes_kinds(cls: type[Rebalancer]) -> bool:
    """Return whether a rebalancer can give every kind of fraud an equal share."""
    return cls._rebalance_by is not Rebalancer._rebalance_by  # noqa: SLF001 -- whether it has one of its own


def _is_ours(cls: type[Rebalancer]) -> bool:
    return cls.__module__.startswith("fraudsim.")


def _row(one: dict[str, Any]) -> str:
    shown = ", ".join(
        f"`{name}={value!r}`" for name, value in one["parameters"].items() if name != "random_state"
    )
    by_kind = "yes" if one["by_kind"] else ""
    cells = (f"`{one['name']}`", one["summary"], by_kind, shown, one["reference"])
    return "| " + " | ".join(cells) + " |\n"
