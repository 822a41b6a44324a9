"""fraudsim: an agent-based simulator of payments and fraud, and what is learnt from its data.

The public functions are named after the commands. Each is loaded on first use, because the
libraries beneath them take seconds to import.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fraudsim.benchmark import benchmark
    from fraudsim.comparison import compare_rebalancers
    from fraudsim.cost import estimate
    from fraudsim.dataset import open_dataset
    from fraudsim.engine import simulate
    from fraudsim.export import export
    from fraudsim.leaderboard import leaderboard
    from fraudsim.quality.audit import audit
    from fraudsim.rebalance import rebalance
    from fraudsim.rebalance_quality import rebalance_quality
    from fraudsim.report import report
    from fraudsim.save_detector import save_detector
    from fraudsim.scenario_files import load_scenario
    from fraudsim.tracks.compare import compare_benchmarks
    from fraudsim.tracks.run import benchmark_tracks
    from fraudsim.verify import verify

__version__ = "0.1.0"

_LATE: Mapping[str, str] = {
    "audit": "fraudsim.quality.audit",
    "benchmark": "fraudsim.benchmark",
    "benchmark_tracks": "fraudsim.tracks.run",
    "compare_benchmarks": "fraudsim.tracks.compare",
    "compare_rebalancers": "fraudsim.comparison",
    "estimate": "fraudsim.cost",
    "export": "fraudsim.export",
    "leaderboard": "fraudsim.leaderboard",
    "load_scenario": "fraudsim.scenario_files",
    "open_dataset": "fraudsim.dataset",
    "rebalance": "fraudsim.rebalance",
    "rebalance_quality": "fraudsim.rebalance_quality",
    "report": "fraudsim.report",
    "save_detector": "fraudsim.save_detector",
    "simulate": "fraudsim.engine",
    "verify": "fraudsim.verify",
}
"""Public function -> the module that defines it."""

__all__ = [
    "__version__",
    "audit",
    "benchmark",
    "benchmark_tracks",
    "compare_benchmarks",
    "compare_rebalancers",
    "estimate",
    "export",
    "leaderboard",
    "load_scenario",
    "open_dataset",
    "rebalance",
    "rebalance_quality",
    "report",
    "save_detector",
    "simulate",
    "verify",
]


class _Package(ModuleType):
    """Keeps ``fraudsim.verify`` the function, whoever imports the module of that name first.

    The import system sets a package's attribute to each submodule it loads. Where a function of
    the same name is public, that would replace it, depending on who imported what before.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _LATE and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
