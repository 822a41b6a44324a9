"""How an attempt begins: rows with a time, a kind and a stage; in online banking, on the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.nouns import Attempts
from fraudsim.attacks.kit.vocabulary.tools import Tools
from fraudsim.errors import UsageError, nearest
from fraudsim.streams import integers

if TYPE_CHECKING:
    from fraudsim.attacks.kit.nouns import Accounts, Numbers


class Drafts(Tools):
    """Rows of a campaign, before the bank has seen them."""

    def _rows(self, count: int, kind: int, after_s: Numbers, stage: str, case: str) -> np.ndarray:
        rows = row_codes.empty_rows(count)
        # microseconds are uniform, like those of honest payments
        micros = integers(self.rng, 1_000_000, count)
        seconds = np.floor(np.asarray(after_s, dtype=np.float64)).astype(np.int64)
        rows["time_us"] = self.now_us + seconds * 1_000_000 + micros
        rows["kind"] = kind
        rows["case"] = row_codes.CASES.index(case)
        rows["campaign"] = self._campaign
        rows["stage"] = self._stage(stage) if stage else 0
        return rows

    def _banking(
        self,
        accounts: Accounts,
        kind: int,
        after_s: Numbers,
        stage: str,
        device: Numbers | None,
        ip_country: str | None,
        case: str,
    ) -> np.ndarray:
        rows = self._rows(len(accounts), kind, after_s, stage, case)
        rows["customer"], rows["slot"] = accounts.customer, row_codes.ACCOUNT
        rows["channel"] = row_codes.ONLINE_BANKING
        rows["device"] = accounts.device if device is None else device
        rows["ip_country"] = self._country_code(ip_country)
        return rows

    def _event(
        self,
        kind: int,
        accounts: Accounts,
        after_s: Numbers,
        device: Numbers | None,
        ip_country: str | None,
    ) -> Attempts:
        """What moves no money."""
        return Attempts(self._banking(accounts, kind, after_s, "", device, ip_country, "account"))

    def _booking(
        self,
        kind: int,
        accounts: Accounts,
        amount_minor: Numbers,
        after_s: Numbers,
        stage: str,
        case: str,
    ) -> Attempts:
        """Money that moves without a device or a payee."""
        rows = self._rows(len(accounts), kind, after_s, stage, case)
        rows["customer"], rows["slot"] = accounts.customer, row_codes.ACCOUNT
        rows["channel"] = row_codes.BATCH
        rows["amount_minor"] = amount_minor
        return Attempts(rows)

    def _stage(self, name: str) -> int:
        if name not in self.stages:
            raise UsageError(f"unknown stage '{name}'{nearest(name, self.stages)}")
        return self.stages.index(name)
