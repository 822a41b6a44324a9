"""Time: the same attempts, further apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.evasion import Evasion
from fraudsim.attacks.kit.nouns import Attempts
from fraudsim.attacks.kit.pattern import parameter

if TYPE_CHECKING:
    from fraudsim.attacks.kit.scene import Scene


class Pacing(Evasion):
    """Take it slowly: what would be done in minutes is spread over hours, below velocity rules."""

    name: ClassVar[str] = "pacing"
    summary: ClassVar[str] = "the same attempts further apart, below rules that count per hour"
    f3: ClassVar[tuple[str, ...]] = ("F1046",)
    sources: ClassVar[tuple[str, ...]] = ("MITRE Fight Fraud Framework v1.1, F1046",)

    times: float = parameter(4.0, "gaps within a batch grow so many times", "assumption", ge=1)
    pause_hours: float = parameter(
        6.0, "mean further wait before a batch, hours", "assumption", ge=0, le=720
    )

    def change(self, scene: Scene, attempts: Attempts) -> Attempts:
        """Stretch the batch and put it off."""
        rows = attempts.rows.copy()
        if scene.rng.random() >= self.share:
            return attempts
        since_us = np.maximum(rows["time_us"] - scene.now_us, 0)
        wait_us = int(scene.rng.exponential(self.pause_hours) * 3.6e9)
        micros = since_us % 1_000_000
        rows["time_us"] = scene.now_us + wait_us // 1_000_000 * 1_000_000 + micros
        rows["time_us"] += (since_us // 1_000_000 * self.times).astype(np.int64) * 1_000_000
        return Attempts(rows)
