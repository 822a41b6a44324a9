"""What the bank has on file, and what of it stands beside a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fraudsim.errors import UsageError, nearest
from fraudsim.features.online.base import Request
from fraudsim.features.online.checks import Columns
from fraudsim.features.online.moments import EPOCH, microseconds_of
from fraudsim.moments import DAY_US
from fraudsim.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from fraudsim.features.base import Tables


class Customer(NamedTuple):
    """Who asks; coordinates in degrees."""

    birth_year: int
    home_country: str
    home_lat: float
    home_lon: float
    income_minor: int


class Account(NamedTuple):
    """What is paid from, or into."""

    account_type: str
    opened_us: int


class Card(NamedTuple):
    """What is paid with."""

    funding: str
    issued_us: int


class Device(NamedTuple):
    """What is paid on."""

    device_type: str


class Payee(NamedTuple):
    """To whom money is sent."""

    payee_type: str
    country: str
    banks_here: bool


class Merchant(NamedTuple):
    """Who is paid by card; degrees, ``None`` where it is not known."""

    lat: float | None
    lon: float | None


def _account(account_type: str, opened_on: date) -> Account:
    return Account(account_type, (opened_on - EPOCH.date()).days * DAY_US)


def _card(funding: str, issued_at: datetime) -> Card:
    return Card(funding, microseconds_of(issued_at))


def _payee(payee_type: str, country: str, account_id: int | None) -> Payee:
    return Payee(payee_type, country, account_id is not None)


FACTS: Mapping[str, tuple[tuple[str, ...], Callable[..., tuple[Any, ...]]]] = {
    "customers": (("birth_year", "home_country", "home_lat", "home_lon", "income_minor"), Customer),
    "accounts": (("account_type", "opened_on"), _account),
    "cards": (("funding", "issued_at"), _card),
    "devices": (("device_type",), Device),
    "payees": (("payee_type", "country", "account_id"), _payee),
    "merchants": (("lat", "lon"), Merchant),
}
"""Of each table: the columns that features look at, and what is made of them."""

COLUMNS = {
    name: Columns(TABLES[name], needed=(TABLES[name].key, *columns))
    for name, (columns, _make) in FACTS.items()
}


class OnFile:
    """What is on file, by table and key.

    Args:
        tables: an opened dataset, or anything with its ``table``.
    """

    def __init__(self, tables: Tables) -> None:
        self._rows: dict[str, dict[int, Any]] = {}
        for name, (columns, make) in FACTS.items():
            frame = tables.table(name).select(TABLES[name].key, *columns).collect()
            self._rows[name] = {key: make(*values) for key, *values in frame.iter_rows()}
        self._customers = self._rows["customers"]
        self._accounts = self._rows["accounts"]

    def add(self, table: str, row: Mapping[str, Any]) -> None:
        """Put a row on file; the same row again is no error."""
        if table not in FACTS:
            raise UsageError(f"'{table}' is no table of facts{nearest(table, FACTS)}")
        COLUMNS[table].check(row)
        columns, make = FACTS[table]
        key_name = TABLES[table].key
        key, made = row[key_name], make(*(row[name] for name in columns))
        there = self._rows[table].setdefault(key, made)
        if there != made:
            raise UsageError(
                f"{table}: {key_name} {key} is on file already, as {_shown(there)}, not "
                f"{_shown(made)}; features of the past know one row per key"
            )

    def need(self, table: str, key: int, what: str) -> Any:
        """Return what is on file under a key, or raise ``UsageError`` where nothing is."""
        try:
            return self._rows[table][key]
        except KeyError:
            raise UsageError(
                f"{table}: {TABLES[table].key} {key} of {what} is not on file; put it there first: "
                f'fact("{table}", {{"{TABLES[table].key}": {key}, ...}})'
            ) from None

    def request(self, row: Mapping[str, Any], time_us: int) -> Request:
        """Return a request with what is on file about those who take part in it."""
        what = f"tx_id {row['tx_id']}"
        return Request(
            row,
            time_us,
            row["direction"] == "debit",
            self.need("customers", row["customer_id"], what),
            self.need("accounts", row["account_id"], what),
            *(
                None if (key := row[column]) is None else self.need(table, key, what)
                for table, column in OPTIONAL
            ),
        )


OPTIONAL = (
    ("cards", "card_id"),
    ("devices", "device_id"),
    ("payees", "payee_id"),
    ("merchants", "merchant_id"),
)
"""Who may take part in a payment: the tables and the columns that refer to them."""


def _shown(fact: Any) -> str:
    return ", ".join(f"{name} {value}" for name, value in fact._asdict().items())
