"""Every table and column: type, unit, meaning. The data dictionary is generated from here.

Times are UTC with microseconds; money is an integer in minor units of ``currency``; ids are
52-bit integers without order or meaning; coordinates are WGS84 degrees. What the bank can see
stands apart from the truth (``labels``, ``campaigns``) and from hindsight (``balances``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

SCHEMA_VERSION = "2"

RAILS = ("card", "instant", "transfer", "direct_debit", "deposit", "internal")
TX_TYPES = ("purchase", "withdrawal", "refund", "transfer", "bill", "deposit", "repayment")
DIRECTIONS = ("debit", "credit")
CHANNELS = ("pos", "atm", "ecom", "recurring", "online_banking", "batch")
ENTRY_MODES = ("chip", "contactless", "magstripe", "fallback", "ecom", "stored_credential", "none")
THREE_DS = ("none", "frictionless", "challenged", "failed")
CVV_RESULTS = ("match", "no_match", "not_provided")
FUNDINGS = ("debit", "credit")
ACCOUNT_TYPES = ("current", "credit")
DEVICE_TYPES = ("phone", "tablet", "laptop", "desktop")
OPERATING_SYSTEMS = ("android", "ios", "windows", "macos", "linux")
TERMINAL_TYPES = ("pos", "atm", "ecom")
PAYEE_TYPES = ("person", "business")
PERSONAS = ("student", "worker", "family", "professional", "retired")
EVENT_TYPES = (
    "login",
    "login_failed",
    "password_reset",
    "device_enrolled",
    "contact_changed",
    "payee_added",
    "card_blocked",
    "card_issued",
    "account_opened",
)
REPORT_SOURCES = ("customer_report", "issuer_alert", "investigation")
DISPUTE_REASONS = ("10.1", "10.4", "10.5", "13.1", "13.3", "scam_claim", "credit_loss")
DISPUTE_OUTCOMES = ("refunded", "charged_back", "rejected", "written_off")

RESPONSE_CODES: Mapping[str, str] = {
    "00": "approved",
    "05": "do not honour",
    "14": "invalid card number (the card was replaced)",
    "41": "lost card",
    "43": "stolen card",
    "51": "insufficient funds or credit",
    "54": "expired card",
    "55": "incorrect PIN",
    "59": "suspected fraud",
    "61": "exceeds withdrawal amount limit",
    "62": "restricted card or account",
    "65": "exceeds frequency limit or needs authentication",
    "82": "CVV does not match",
    "91": "issuer or switch unavailable",
}
"""ISO 8583 data element 39 (1987 version, two digits), those that an issuer like this knows.

54 comes to billers who have the expiry date of the card before on file: a card is renewed before it
expires.

82 is the network value for a failed card verification value; 65 is what Mastercard and several
European issuers answer when authentication (SCA) is required.
"""

Role = Literal["observed", "truth", "hindsight"]


@dataclass(frozen=True)
class Column:
    """One column: its type by name, whether it can be null, and what it means."""

    name: str
    type: str  # int64 int32 int16 float64 bool date time string enum country
    meaning: str
    values: tuple[str, ...] = ()
    nullable: bool = False
    refers_to: str = ""  # "table.column" when it is a foreign key


@dataclass(frozen=True)
class Table:
    """One table: its columns in order, its key, and on which side of the truth it stands."""

    name: str
    meaning: str
    key: str
    columns: tuple[Column, ...]
    role: Role = "observed"
    partitioned: bool = False  # by month of event_time, in hive folders

    def column(self, name: str) -> Column:
        """Return the column of that name, or raise ``KeyError``."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]


def _id(name: str, meaning: str, refers_to: str = "", *, nullable: bool = False) -> Column:
    return Column(name, "int64", meaning, nullable=nullable, refers_to=refers_to)


def _enum(name: str, values: tuple[str, ...], meaning: str, *, nullable: bool = False) -> Column:
    return Column(name, "enum", meaning, values=values, nullable=nullable)


CUSTOMERS = Table(
    "customers",
    "People who bank here.",
    "customer_id",
    (
        _id("customer_id", "the customer"),
        _enum("persona", PERSONAS, "way of living; shapes income, hours and spending"),
        Column("birth_year", "int16", "year of birth"),
        Column("home_city", "string", "city of residence (GeoNames name)"),
        Column("home_country", "country", "ISO 3166 country of residence"),
        Column("home_lat", "float64", "latitude of the home, degrees, three decimals"),
        Column("home_lon", "float64", "longitude of the home, degrees, three decimals"),
        Column("income_minor", "int64", "monthly net income, minor units"),
    ),
)

IDENTITIES = Table(
    "identities",
    "Who the customers are on paper: invented, and safe to load into any system.",
    "customer_id",
    (
        _id("customer_id", "the customer", "customers.customer_id"),
        Column("given_name", "string", "given name; letters beyond ASCII occur"),
        Column("family_name", "string", "family name, mostly that of the household"),
        Column("email", "string", "mail address under an RFC 2606 domain, unique"),
        Column("phone", "string", "telephone in E.164 from a range for fiction, shared by many"),
        Column("street", "string", "street of the home"),
        Column("house_number", "int16", "number of the house"),
        Column("postcode", "string", "postcode, of no real place where the country has such codes"),
        Column("city", "string", "city of the home"),
        Column("country", "country", "ISO 3166 country of the home"),
        Column(
            "home_ip",
            "string",
            "internet address of the home, of the household alone: IPv4 in 100.64.0.0/10 or IPv6 "
            "in 2001:db8::/32, routed nowhere",
        ),
    ),
)

ACCOUNTS = Table(
    "accounts",
    "Current and credit-card accounts.",
    "account_id",
    (
        _id("account_id", "the account"),
        _id("customer_id", "its holder", "customers.customer_id"),
        _enum("account_type", ACCOUNT_TYPES, "current account or credit-card account"),
        Column("currency", "string", "ISO 4217 currency"),
        Column("opened_on", "date", "day the account was opened"),
        Column("limit_minor", "int64", "agreed overdraft (current) or credit limit, minor units"),
        Column(
            "iban",
            "string",
            "account number (ISO 13616), valid, of a bank that does not exist; null where the "
            "country has none",
            nullable=True,
        ),
    ),
)

CARDS = Table(
    "cards",
    "Payment cards, also those issued during the run to replace another.",
    "card_id",
    (
        _id("card_id", "the card"),
        _id("account_id", "the account it draws on", "accounts.account_id"),
        _id("customer_id", "its holder", "customers.customer_id"),
        _enum("funding", FUNDINGS, "debit or credit"),
        Column("bin", "string", "first six digits of the number: a test prefix, of no issuer"),
        Column("pan", "string", "number with the middle hidden, as 400000******1234 (element 2)"),
        Column("issued_at", "time", "when it was issued"),
        Column("expires_on", "date", "last day of validity"),
    ),
)

DEVICES = Table(
    "devices",
    "Phones and computers seen in online payments and online banking, whoever holds them.",
    "device_id",
    (
        _id("device_id", "the device fingerprint"),
        _enum("device_type", DEVICE_TYPES, "kind of device"),
        _enum("os", OPERATING_SYSTEMS, "operating system"),
    ),
)

MERCHANTS = Table(
    "merchants",
    "Who is paid by card. Cash machines stand here under MCC 6011.",
    "merchant_id",
    (
        _id("merchant_id", "the merchant"),
        Column("name", "string", "trading name (invented)"),
        Column("mcc", "string", "ISO 18245 merchant category code, four digits"),
        Column("category", "string", "the category of the simulator that the MCC belongs to"),
        Column("online", "bool", "sells online only"),
        Column("city", "string", "city of the shop, or of the head office when online"),
        Column("country", "country", "ISO 3166 country"),
        Column("lat", "float64", "latitude, degrees, three decimals"),
        Column("lon", "float64", "longitude, degrees, three decimals"),
    ),
)

TERMINALS = Table(
    "terminals",
    "Tills, cash machines and web shops of the merchants.",
    "terminal_id",
    (
        _id("terminal_id", "the terminal"),
        _id("merchant_id", "whose it is", "merchants.merchant_id"),
        _enum("terminal_type", TERMINAL_TYPES, "till, cash machine or web shop"),
    ),
)

PAYEES = Table(
    "payees",
    "Accounts that customers send money to, here or at other banks.",
    "payee_id",
    (
        _id("payee_id", "the payee"),
        _enum("payee_type", PAYEE_TYPES, "person or business"),
        Column("country", "country", "country of the receiving bank"),
        _id("account_id", "its account if it banks here", "accounts.account_id", nullable=True),
        Column("name", "string", "name of the holder"),
        Column(
            "iban",
            "string",
            "account number (ISO 13616), valid, of a bank that does not exist; null where the "
            "country has none",
            nullable=True,
        ),
    ),
)

TRANSACTIONS = Table(
    "transactions",
    "One row per authorisation or transfer, approved or not, sorted by time then id.",
    "tx_id",
    (
        _id("tx_id", "the transaction"),
        Column("event_time", "time", "when it reached the issuer"),
        _enum("rail", RAILS, "the scheme that carries it"),
        _enum("tx_type", TX_TYPES, "what it is (ISO 8583 element 3)"),
        _enum("direction", DIRECTIONS, "out of the account (debit) or into it (credit)"),
        Column("amount_minor", "int64", "amount, minor units, never negative (element 4)"),
        Column("currency", "string", "ISO 4217 currency (element 49)"),
        _id("customer_id", "the holder of the account", "customers.customer_id"),
        _id("account_id", "the account", "accounts.account_id"),
        _id("card_id", "the card, for the card rail (element 2)", "cards.card_id", nullable=True),
        _id("merchant_id", "who is paid (element 42)", "merchants.merchant_id", nullable=True),
        _id("terminal_id", "where (element 41)", "terminals.terminal_id", nullable=True),
        Column("mcc", "string", "merchant category code (element 18)", nullable=True),
        Column(
            "merchant_country", "country", "country of the merchant (element 43)", nullable=True
        ),
        _enum("channel", CHANNELS, "how it was made"),
        _enum("entry_mode", ENTRY_MODES, "how the card was read (element 22)"),
        _enum("three_ds", THREE_DS, "3-D Secure outcome of an online payment"),
        _enum("cvv_result", CVV_RESULTS, "card verification value of an online payment"),
        _id(
            "device_id", "device of an online payment or login", "devices.device_id", nullable=True
        ),
        Column("ip_country", "country", "country of the internet address", nullable=True),
        _id("payee_id", "receiver of a transfer", "payees.payee_id", nullable=True),
        _enum("response_code", tuple(RESPONSE_CODES), "answer of the issuer (element 39)"),
        Column("approved", "bool", "whether the answer was 00"),
    ),
    partitioned=True,
)

EVENTS = Table(
    "events",
    "What happens around payments: logins, enrolments, changes, cards blocked and issued.",
    "event_id",
    (
        _id("event_id", "the event"),
        Column("event_time", "time", "when"),
        _enum("event_type", EVENT_TYPES, "what"),
        _id("customer_id", "whose account", "customers.customer_id"),
        _id("device_id", "from which device", "devices.device_id", nullable=True),
        Column("ip_country", "country", "country of the internet address", nullable=True),
        _id("card_id", "which card", "cards.card_id", nullable=True),
        _id("payee_id", "which payee", "payees.payee_id", nullable=True),
    ),
    partitioned=True,
)

DISPUTES = Table(
    "disputes",
    "Claims of customers, right or wrong, and how they ended.",
    "dispute_id",
    (
        _id("dispute_id", "the dispute"),
        _id("tx_id", "the transaction disputed", "transactions.tx_id"),
        _id("customer_id", "who disputes", "customers.customer_id"),
        Column("opened_at", "time", "when the claim arrived (may lie after the end of the run)"),
        _enum("reason", DISPUTE_REASONS, "Visa dispute condition, scam claim or credit loss"),
        Column("amount_minor", "int64", "amount disputed, minor units"),
        _enum("outcome", DISPUTE_OUTCOMES, "how it ended"),
        Column("resolved_at", "time", "when it ended"),
    ),
)

LABELS = Table(
    "labels",
    "The truth: one row per fraudulent transaction, approved or not.",
    "tx_id",
    (
        _id("tx_id", "the transaction", "transactions.tx_id"),
        Column("attack", "string", "name of the attack pattern"),
        _id("campaign_id", "the campaign", "campaigns.campaign_id"),
        Column("stage", "string", "step of the pattern"),
        Column("reported_at", "time", "when the bank learnt of it; null is never", nullable=True),
        _enum("report_source", REPORT_SOURCES, "from whom it learnt", nullable=True),
    ),
    role="truth",
)

CAMPAIGNS = Table(
    "campaigns",
    "The truth: one row per campaign of a fraudster.",
    "campaign_id",
    (
        _id("campaign_id", "the campaign"),
        Column("attack", "string", "name of the attack pattern"),
        _id("fraudster_id", "who ran it"),
        Column("started_at", "time", "first action"),
        Column("ended_at", "time", "last action"),
        Column("end", "string", "finished, gave_up or run_ended"),
        Column("victims", "int32", "customers touched"),
        Column("attempts", "int32", "transactions attempted"),
        Column("approved", "int32", "transactions approved"),
        Column("taken_minor", "int64", "amount approved, minor units"),
        Column("received_minor", "int64", "amount that arrived on the accounts used, minor units"),
        Column("spent_minor", "int64", "what the campaign cost the fraudster, minor units"),
        Column("earned_minor", "int64", "what was left of it to the fraudster, minor units"),
        Column("obtained", "string", "victims by how they were come by, as JSON"),
        Column("parameters", "string", "parameters of the pattern as JSON"),
        Column("drawn", "string", "what this campaign drew for itself, as JSON"),
        Column("gave_up", "string", "why it ended before its time; empty where it did not"),
        _id(
            "point_of_compromise",
            "merchant where the cards were stolen, if one",
            "merchants.merchant_id",
            nullable=True,
        ),
    ),
    role="truth",
)

CAMPAIGN_EVENTS = Table(
    "campaign_events",
    "The truth: the events that fraudsters caused.",
    "event_id",
    (
        _id("event_id", "the event", "events.event_id"),
        _id("campaign_id", "the campaign", "campaigns.campaign_id"),
    ),
    role="truth",
)

BALANCES = Table(
    "balances",
    "Hindsight for reconciliation, never a feature: each account before and after the run.",
    "account_id",
    (
        _id("account_id", "the account", "accounts.account_id"),
        Column("opening_minor", "int64", "balance before the first day; owed is negative"),
        Column("closing_minor", "int64", "balance after the last day; owed is negative"),
    ),
    role="hindsight",
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        CUSTOMERS,
        IDENTITIES,
        ACCOUNTS,
        CARDS,
        DEVICES,
        MERCHANTS,
        TERMINALS,
        PAYEES,
        TRANSACTIONS,
        EVENTS,
        DISPUTES,
        LABELS,
        CAMPAIGNS,
        CAMPAIGN_EVENTS,
        BALANCES,
    )
}


def polars_schema(table: Table) -> dict[str, pl.DataType]:
    """Return the polars type of every column of ``table``, in order."""
    import polars as pl

    simple: dict[str, pl.DataType] = {
        "int64": pl.Int64(),
        "int32": pl.Int32(),
        "int16": pl.Int16(),
        "float64": pl.Float64(),
        "bool": pl.Boolean(),
        "date": pl.Date(),
        "time": pl.Datetime("us", "UTC"),
        "string": pl.String(),
        "country": pl.String(),
    }
    return {
        column.name: enumeration(column.values) if column.type == "enum" else simple[column.type]
        for column in table.columns
    }


@cache
def enumeration(values: tuple[str, ...]) -> pl.Enum:
    """Return the polars type of a column that has one of ``values``; made once, for it is slow."""
    import polars as pl

    return pl.Enum(values)
