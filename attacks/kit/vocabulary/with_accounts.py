"""What is done with accounts, in online banking and on the books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.nouns import Attempts
from fraudsim.attacks.kit.vocabulary.drafts import Drafts

if TYPE_CHECKING:
    from fraudsim.attacks.kit.nouns import Accounts, Numbers


class WithAccounts(Drafts):
    """Logins, changes, payees, transfers, and money that comes and goes by itself."""

    def log_in(
        self,
        accounts: Accounts,
        *,
        after_s: Numbers,
        device: Numbers | None = None,
        ip_country: str | None = None,
        fails: bool = False,
    ) -> Attempts:
        """Log in to each account, or fail to."""
        kind = row_codes.LOGIN_FAILED if fails else row_codes.LOGIN
        return self._event(kind, accounts, after_s, device, ip_country)

    def reset_password(
        self,
        accounts: Accounts,
        *,
        after_s: Numbers,
        device: Numbers,
        ip_country: str | None = None,
    ) -> Attempts:
        """Set a new password on each account."""
        return self._event(row_codes.PASSWORD_RESET, accounts, after_s, device, ip_country)

    def enrol_device(
        self,
        accounts: Accounts,
        *,
        after_s: Numbers,
        device: Numbers,
        ip_country: str | None = None,
    ) -> Attempts:
        """Enrol a device on each account."""
        return self._event(row_codes.DEVICE_ENROLLED, accounts, after_s, device, ip_country)

    def change_contact(
        self,
        accounts: Accounts,
        *,
        after_s: Numbers,
        device: Numbers,
        ip_country: str | None = None,
    ) -> Attempts:
        """Change telephone or e-mail of each account."""
        return self._event(row_codes.CONTACT_CHANGED, accounts, after_s, device, ip_country)

    def open_account(
        self,
        applicants: Accounts,
        *,
        after_s: Numbers,
        device: Numbers,
        ip_country: str | None = None,
    ) -> Attempts:
        """Open an account in each name; its cards work from then on, and no money is there yet."""
        opening = self._event(row_codes.ACCOUNT_OPENED, applicants, after_s, device, ip_country)
        opening.rows["receiver"] = int(self._day)
        return opening

    def add_payee(
        self,
        accounts: Accounts,
        *,
        payee: Numbers,
        after_s: Numbers,
        device: Numbers | None = None,
        ip_country: str | None = None,
    ) -> Attempts:
        """Add a payee to each account."""
        adding = self._event(row_codes.PAYEE_ADDED, accounts, after_s, device, ip_country)
        adding.rows["payee"] = payee
        return adding

    def transfer(
        self,
        accounts: Accounts,
        *,
        to: Numbers,
        amount_minor: Numbers,
        after_s: Numbers,
        stage: str,
        device: Numbers | None = None,
        ip_country: str | None = None,
        by_order: bool = False,
        passes_challenge: float = 1.0,
        case: Literal["account", "scam", "first_party", "mule_account"] = "account",
    ) -> Attempts:
        """Send money from each account to payees ``to``; ``device`` defaults to the customer's.

        ``by_order`` is a payment of a standing order that was set up before: no device shows.
        """
        rows = self._banking(accounts, row_codes.TRANSFER, after_s, stage, device, ip_country, case)
        if by_order:
            rows["channel"], rows["device"], rows["ip_country"] = row_codes.BATCH, 0, -1
        rows["payee"] = to
        rows["payee_abroad"] = self._are_abroad(rows["payee"])
        rows["amount_minor"] = amount_minor
        rows["challenge_pass"] = passes_challenge
        return Attempts(rows)

    def fetch_savings(
        self, accounts: Accounts, *, amount_minor: Numbers, after_s: Numbers
    ) -> Attempts:
        """Have customers bring money of their own to their account: no fraud, so no label."""
        return self.receive(
            accounts, amount_minor=amount_minor, after_s=after_s, stage="", case="honest"
        )

    def receive(
        self,
        accounts: Accounts,
        *,
        amount_minor: Numbers,
        after_s: Numbers,
        stage: str,
        case: Literal["mule_account", "first_party", "account", "scam", "honest"] = "mule_account",
    ) -> Attempts:
        """Let money arrive on each account (a mule's, or a deposit that looks good)."""
        return self._booking(row_codes.DEPOSIT, accounts, amount_minor, after_s, stage, case)

    def repay(
        self,
        accounts: Accounts,
        *,
        amount_minor: Numbers,
        after_s: Numbers,
        stage: str,
        case: Literal["first_party", "mule_account"] = "first_party",
    ) -> Attempts:
        """Pay down the credit card from the current account of each; no more than is there."""
        return self._booking(row_codes.REPAYMENT, accounts, amount_minor, after_s, stage, case)

    def bounce(
        self,
        accounts: Accounts,
        *,
        amount_minor: Numbers,
        after_s: Numbers,
        stage: str,
        case: Literal["first_party", "mule_account"] = "first_party",
    ) -> Attempts:
        """Have the bank take a deposit back, as a cheque that bounced; refused if it is spent."""
        return self._booking(row_codes.BILL, accounts, amount_minor, after_s, stage, case)
