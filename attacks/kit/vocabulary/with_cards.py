"""What is done with cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.nouns import Attempts
from fraudsim.attacks.kit.vocabulary.drafts import Drafts

if TYPE_CHECKING:
    from fraudsim.attacks.kit.nouns import Cards, Numbers

_ENTRIES = {
    "chip": row_codes.CHIP,
    "contactless": row_codes.CONTACTLESS,
    "magstripe": row_codes.MAGSTRIPE,
    "fallback": row_codes.FALLBACK,
    "ecom": row_codes.WEB,
    "stored_credential": row_codes.STORED,
    "recurring": row_codes.STORED,
}
_CVVS = {
    "match": row_codes.CVV_MATCH,
    "no_match": row_codes.CVV_NO_MATCH,
    "not_provided": row_codes.CVV_NOT_PROVIDED,
}


class WithCards(Drafts):
    """Charges, cash, refunds and wallets."""

    def charge(
        self,
        cards: Cards,
        *,
        at: Numbers,
        amount_minor: Numbers,
        after_s: Numbers,
        stage: str,
        entry: Literal[
            "ecom", "stored_credential", "recurring", "chip", "contactless", "magstripe", "fallback"
        ] = "ecom",
        device: Numbers = 0,
        ip_country: str | None = None,
        cvv: Literal["match", "no_match", "not_provided"] = "match",
        knows_pin: bool = False,
        passes_challenge: float = 0.0,
        case: Literal[
            "remote_card", "stolen_card", "copied_card", "first_party", "mule_account", "scam"
        ] = "remote_card",
    ) -> Attempts:
        """Charge each card once at merchants ``at`` (one, or one per card).

        Args:
            cards: the cards, shape (n,).
            at: merchant indices.
            amount_minor: amounts, minor units.
            after_s: seconds after the clock, cumulative.
            stage: the step of the pattern, one of its ``stages``.
            entry: how the card is read; ``recurring`` is a charge that the merchant makes by
                itself with the card on file: no device shows.
            device: key of the device for online payments.
            ip_country: country of the internet address; default: the home country.
            cvv: whether the fraudster knows the verification value.
            knows_pin: needed where the card is read by chip.
            passes_challenge: chance to pass a 3-D Secure challenge.
            case: how the victim will come to notice.
        """
        rows = self._rows(len(cards), row_codes.PURCHASE, after_s, stage, case)
        online = entry in ("ecom", "stored_credential")
        merchants = np.asarray(at, dtype=np.int64)
        if merchants.shape != rows.shape:
            merchants = np.broadcast_to(merchants, rows.shape)
        rows["customer"], rows["slot"], rows["card_serial"] = (
            cards.customer,
            cards.slot,
            cards.serial,
        )
        rows["merchant"] = merchants
        rows["terminal"] = self.terminals_of(merchants)
        rows["amount_minor"] = amount_minor
        rows["channel"] = row_codes.ECOM if online else row_codes.POS
        if entry == "recurring":
            rows["channel"] = row_codes.RECURRING
        rows["entry"] = _ENTRIES[entry]
        rows["pin_ok"] = int(knows_pin or entry != "chip")
        rows["challenge_pass"] = passes_challenge
        if online:
            rows["cvv"] = _CVVS[cvv]
            rows["device"] = device
            rows["ip_country"] = self._country_code(ip_country)
        return Attempts(rows)

    def withdraw(
        self,
        cards: Cards,
        *,
        at: Numbers,
        amount_minor: Numbers,
        after_s: Numbers,
        stage: str,
        entry: Literal["chip", "magstripe", "fallback"] = "magstripe",
        knows_pin: bool = True,
        case: Literal["stolen_card", "copied_card", "first_party", "mule_account"] = "copied_card",
    ) -> Attempts:
        """Withdraw cash with each card at cash machines ``at`` (merchants of category cash)."""
        rows = self.charge(
            cards,
            at=at,
            amount_minor=amount_minor,
            after_s=after_s,
            stage=stage,
            entry=entry,
            knows_pin=knows_pin,
            case=case,
        ).rows
        rows["kind"] = row_codes.WITHDRAWAL
        rows["channel"] = row_codes.ATM
        rows["pin_ok"] = int(knows_pin)
        return Attempts(rows)

    def refund(
        self,
        cards: Cards,
        *,
        at: Numbers,
        amount_minor: Numbers,
        after_s: Numbers,
        stage: str,
        case: Literal["first_party", "mule_account"] = "first_party",
    ) -> Attempts:
        """Let merchants ``at`` pay money back to each card, for goods that did not come back."""
        merchants = np.broadcast_to(np.asarray(at, dtype=np.int64), len(cards))
        rows = self.charge(
            cards, at=at, amount_minor=amount_minor, after_s=after_s, stage=stage, case=case
        ).rows
        online = self._world.merchants.online[merchants]
        rows["kind"] = row_codes.REFUND
        rows["channel"] = np.where(online, row_codes.ECOM, row_codes.POS)
        rows["entry"] = row_codes.NO_ENTRY
        rows["cvv"] = row_codes.CVV_NOT_PROVIDED
        rows["ip_country"] = -1
        return Attempts(rows)

    def enrol_wallet(
        self, cards: Cards, *, after_s: Numbers, device: Numbers, ip_country: str | None = None
    ) -> Attempts:
        """Put each card into the wallet of a phone, which the bank sees as a device enrolled."""
        rows = self._rows(len(cards), row_codes.DEVICE_ENROLLED, after_s, "", "remote_card")
        rows["customer"], rows["slot"] = cards.customer, row_codes.ACCOUNT
        rows["channel"] = row_codes.ONLINE_BANKING
        rows["device"] = device
        rows["ip_country"] = self._country_code(ip_country)
        return Attempts(rows)
