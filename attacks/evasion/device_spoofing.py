"""A device that looks right: the fingerprint of the holder's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fraudsim.attacks.kit.evasion import Evasion
from fraudsim.attacks.kit.nouns import Attempts

if TYPE_CHECKING:
    from fraudsim.attacks.kit.scene import Scene


class DeviceSpoofing(Evasion):
    """Show the fingerprint of the victim's own phone, bought with the credentials or copied."""

    name: ClassVar[str] = "device_spoofing"
    summary: ClassVar[str] = "the fingerprint of the holder's own device"
    f3: ClassVar[tuple[str, ...]] = ("F1023",)
    sources: ClassVar[tuple[str, ...]] = (
        "MITRE Fight Fraud Framework v1.1, F1023",
        "Europol, takedown of Genesis Market, April 2023: fingerprints were sold with logins",
    )

    def change(self, scene: Scene, attempts: Attempts) -> Attempts:
        """Replace devices; a victim's is copied or is not, for all of a batch."""
        rows = attempts.rows.copy()
        victims, of = np.unique(rows["customer"], return_inverse=True)
        copied = (scene.rng.random(len(victims)) < self.share)[of] & (rows["device"] != 0)
        own = scene.devices_of(victims.astype(np.int64))[of]
        rows["device"] = np.where(copied, own, rows["device"])
        return Attempts(rows)
