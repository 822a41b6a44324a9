"""An address that looks right: proxies in the country of the victim."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.attacks.kit.evasion import Evasion
from fraudsim.attacks.kit.nouns import Attempts

if TYPE_CHECKING:
    from fraudsim.attacks.kit.scene import Scene


class Proxy(Evasion):
    """Come from the home country of the bank, by a rented home connection there."""

    name: ClassVar[str] = "proxy"
    summary: ClassVar[str] = "internet addresses in the country of the victim"
    f3: ClassVar[tuple[str, ...]] = ("F1030",)
    sources: ClassVar[tuple[str, ...]] = ("MITRE Fight Fraud Framework v1.1, F1030",)

    def change(self, scene: Scene, attempts: Attempts) -> Attempts:
        """Move addresses home."""
        rows = attempts.rows.copy()
        moved = (rows["ip_country"] >= 0) & (scene.rng.random(len(rows)) < self.share)
        rows["ip_country"][moved] = scene.home_country
        scene.purse.pay("proxies", 5 * int(moved.sum()))
        return Attempts(rows)
