"""Noise: everyday purchases around those that count."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.evasion import STAGE, Evasion
from fraudsim.attacks.kit.habits import web_shops
from fraudsim.attacks.kit.nouns import Cards
from fraudsim.attacks.kit.pattern import parameter
from fraudsim.rows import PURCHASE, WEB

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from fraudsim.attacks.kit.nouns import Action, Attempts
    from fraudsim.attacks.kit.scene import Scene

EVERYDAY = {"grocery": 2.0, "fast_food": 2.0, "digital_goods": 1.0, "entertainment": 1.0}


class Camouflage(Evasion):
    """Buy a few everyday things with the card first: what follows is not out of the blue."""

    name: ClassVar[str] = "camouflage"
    summary: ClassVar[str] = "everyday purchases with the card before those that count"
    f3: ClassVar[tuple[str, ...]] = ("F1046",)
    sources: ClassVar[tuple[str, ...]] = ("MITRE Fight Fraud Framework v1.1, F1046",)

    purchases: float = parameter(
        1.0, "mean everyday purchases before a batch", "assumption", ge=0, le=20
    )

    def before(self, scene: Scene, attempts: Attempts) -> Generator[Action, Any, None]:
        """Buy something small with the first card of a batch of online purchases."""
        rows = attempts.rows
        rows = rows[(rows["kind"] == PURCHASE) & (rows["entry"] == WEB)][:1]
        if not len(rows) or scene.rng.random() >= self.share:
            return
        count = int(scene.rng.poisson(self.purchases))
        shops = web_shops(scene, EVERYDAY, count)
        if not len(shops):
            return
        first = {name: rows[name].astype(np.int64) for name in ("customer", "slot", "card_serial")}
        card = Cards(first["customer"], first["slot"], first["card_serial"], first["customer"] * 0)
        for shop in shops.tolist():
            yield scene.charge(
                card,
                at=shop,
                amount_minor=scene.price([shop]),
                after_s=scene.pace(1, median_s=2_000.0),
                stage=STAGE,
                device=int(rows["device"][0]),
                ip_country=scene.country_named(int(rows["ip_country"][0])),
            )

    def change(self, scene: Scene, attempts: Attempts) -> Attempts:
        """Leave the batch as it is, from the clock on where it has been overtaken."""
        rows = attempts.rows.copy()
        late_us = max(scene.now_us - int(rows["time_us"].min()), 0)
        rows["time_us"] += -(-late_us // 1_000_000) * 1_000_000
        return type(attempts)(rows)
