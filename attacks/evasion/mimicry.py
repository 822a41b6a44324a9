"""The victim's own life: his shops, his hours, his amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.evasion import Evasion
from fraudsim.attacks.kit.nouns import Attempts, Cards
from fraudsim.attacks.kit.pattern import parameter
from fraudsim.rows import PURCHASE, WEB

if TYPE_CHECKING:
    from fraudsim.attacks.kit.scene import Scene

WAKING = (8, 22)
"""Hours in which honest people pay (assumption)."""


class Mimicry(Evasion):
    """Buy where the holder buys, when he is awake, for what one pays there."""

    name: ClassVar[str] = "mimicry"
    summary: ClassVar[str] = "the holder's own web shop, waking hours and ordinary amounts"
    f3: ClassVar[tuple[str, ...]] = ("F1046",)
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1046",
        "Jesus and others, Bank Account Fraud (NeurIPS 2022), variant V: fraudsters who adapt",
    )

    own_shop_share: float = parameter(
        0.5, "online purchases moved to the shop of the holder's last one", "assumption", ge=0, le=1
    )
    usual_amount_share: float = parameter(
        0.6, "online purchases at a price that is usual in the shop", "assumption", ge=0, le=1
    )

    def change(self, scene: Scene, attempts: Attempts) -> Attempts:
        """Move purchases online to the holder's shops and prices, and all of it to the day."""
        rows = attempts.rows.copy()
        online = (rows["kind"] == PURCHASE) & (rows["entry"] == WEB)
        online &= scene.rng.random(len(rows)) < self.share
        self._own_shops(scene, rows, online)
        usual = online & (scene.rng.random(len(rows)) < self.usual_amount_share)
        if usual.any():
            merchants = rows["merchant"][usual].astype(np.int64)
            cheaper = np.minimum(scene.price(merchants), rows["amount_minor"][usual])
            rows["amount_minor"][usual] = cheaper
        self._to_the_day(scene, rows)
        return Attempts(rows)

    def _own_shops(self, scene: Scene, rows: np.ndarray, online: np.ndarray) -> None:
        moved = np.flatnonzero(online & (scene.rng.random(len(rows)) < self.own_shop_share))
        who = rows["customer"][moved].astype(np.int64)
        own = scene.usual_web_shops(Cards(who, who * 0, who * 0, who * 0))
        known = own >= 0
        rows["merchant"][moved[known]] = own[known]
        rows["terminal"][moved[known]] = scene.terminals_of(own[known])

    def _to_the_day(self, scene: Scene, rows: np.ndarray) -> None:
        """Put a batch that begins at night off until the morning."""
        first_us = int(rows["time_us"].min())
        hour = scene.hour_at(first_us)
        if not WAKING[0] <= hour < WAKING[1] and scene.rng.random() < self.share:
            wait_h = (WAKING[0] - hour) % 24 + float(scene.rng.exponential(2.0))
            rows["time_us"] += int(wait_h * 3_600) * 1_000_000
