"""A scenario: the frozen, validated value that, with a seed, decides every byte of a run.

Read from YAML by ``fraudsim.scenario_files``; its JSON Schema is ``fraudsim schema``. Every number
carries its source or says that it is an assumption: ``fraudsim scenarios explain NAME``.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fraudsim.schema import PERSONAS


def number(default: Any, meaning: str, source: str, **limits: Any) -> Any:
    """Declare a field with its default, what it means and where the default comes from."""
    return Field(default, description=meaning, json_schema_extra={"source": source}, **limits)


class Section(BaseModel):
    """A part of a scenario: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Calendar(Section):
    """When the run takes place."""

    start: date = number(date(2025, 1, 1), "first day, local time", "assumption")
    days: int = number(120, "days simulated", "assumption", ge=1, le=3660)
    timezone: str = number(
        "Europe/London", "IANA time zone of the bank and its customers", "choice"
    )


class Population(Section):
    """Who banks here."""

    customers: int = number(10_000, "customers", "assumption", ge=1, le=100_000_000)
    block_size: int = number(
        2_500,
        "customers per block; part files are cut by block, so it shapes the output",
        "choice: two or more blocks keep two workers busy",
        ge=1,
        le=100_000,
    )
    country: str = number("GB", "country of residence, ISO 3166", "choice", pattern="^[A-Z]{2}$")
    currency: str = number("GBP", "currency of the accounts", "choice", pattern="^[A-Z]{3}$")
    cities: int = number(
        60, "largest cities of the country that customers live in", "assumption", ge=1, le=1000
    )
    persona_shares: dict[str, float] = number(
        {"student": 0.10, "worker": 0.32, "family": 0.26, "professional": 0.14, "retired": 0.18},
        "share of each persona",
        "assumption, near the age structure of Great Britain",
    )
    credit_card_share: float = number(
        0.55, "customers who also hold a credit card", "assumption", ge=0, le=1
    )
    income_median_minor: int = number(
        400_000,
        "median monthly net income, minor units",
        "assumption: what the diary's card payments, rent and bills cost a customer in balance",
        gt=0,
    )
    shared_household_share: float = number(
        0.38,
        "customers who share a household with the one before them",
        "assumption: partners and children who bank here too",
        ge=0,
        lt=1,
    )
    income_log_sd: float = number(
        0.45, "spread of income (sd of the log)", "assumption", ge=0, le=2
    )
    joining_per_year: float = number(
        0.06,
        "customers who join in a year, as a share of all",
        "assumption: 1 to 2 % of current accounts in the United Kingdom are switched in a year "
        "(Current Account Switch Service: over 1 M), as many again or more are first ones",
        ge=0,
        le=0.5,
    )

    @model_validator(mode="after")
    def _shares_are_known_and_sum_to_one(self) -> Self:
        for name in self.persona_shares:
            if name not in PERSONAS:
                raise ValueError(
                    f"persona_shares: unknown persona '{name}'; known: {', '.join(PERSONAS)}"
                )
        if min(self.persona_shares.values()) < 0:
            raise ValueError("persona_shares: a share is below 0")
        total = sum(self.persona_shares.values())
        if abs(total - 1) > 1e-6:
            raise ValueError(f"persona_shares: must sum to 1, not {total:g}")
        return self


class Merchants(Section):
    """Where customers shop."""

    per_100_customers: float = number(
        150.0,
        "merchants per 100 customers, shops and web shops",
        "assumption: a bank sees a slice of each shop's clients, so shops outnumber favourites",
        gt=0,
        le=1000,
    )
    online_share: float = number(0.12, "merchants that sell online only", "assumption", ge=0, le=1)
    foreign_online_share: float = number(
        0.25, "online merchants that sit abroad", "assumption", ge=0, le=1
    )
    three_ds_share: float = number(
        0.65,
        "merchants that take part in 3-D Secure; the others are exempt or outside its reach",
        "assumption",
        ge=0,
        le=1,
    )
    zipf_s: float = number(
        1.6,
        "popularity of the k-th shop of a kind in a place goes as k**-s",
        "set so that over all shops together s is about 1: .95 (Birmingham purchase cards), .98 "
        "(Nigrini), 1.10 (Complete Journey); places, kinds and distance flatten it",
        ge=0,
        le=3,
    )
    price_log_sd: float = number(
        0.45,
        "spread of price levels between merchants of a category (sd of the log)",
        "merchants explain most of the variance of log amounts (Birmingham .63); share assumed",
        ge=0,
        le=2,
    )
    atms_per_1000_customers: float = number(4.0, "cash machines", "assumption", gt=0, le=100)


class Honest(Section):
    """Honest life."""

    card_payments_per_day: float = number(
        2.3,
        "card payments per customer and day that are wished for, recurring ones not counted",
        "US Diary of Consumer Payment Choice 2017-19: 4.98 in three days; set so that about four "
        "are made, since not every wish can be paid for",
        gt=0,
        le=30,
    )
    rate_gamma_shape: float = number(
        0.66,
        "shape of the gamma spread of that rate between customers; small is unequal",
        "negative-binomial k .45 (CDNOW), .83 (grocery), 2.2 (Berka accounts); set so that counts "
        "of three days vary four times as much as Poisson ones (diary 5.7)",
        gt=0.1,
        le=50,
    )
    session_more_share: float = number(
        0.12,
        "online payments followed by another in the same session",
        "assumption: in-app purchases, tickets and fees paid apart, baskets split by seller",
        ge=0,
        lt=1,
    )
    outing_more_share: float = number(
        0.008,
        "purchases in person followed by another on the same outing",
        "set so that payments of one day lie 32, 101 and 270 minutes apart (quartiles, US Diary)",
        ge=0,
        lt=1,
    )
    explore_share: float = number(
        0.16,
        "purchases made away from the favourite shops",
        "repeat rate .71 over all purchases (Birmingham purchase cards)",
        ge=0,
        le=1,
    )
    same_merchant_share: float = number(
        0.30,
        "outings that begin at the shop of the last purchase",
        "same merchant as the last .30 (Birmingham); part of it comes from favourites",
        ge=0,
        le=1,
    )
    same_merchant_in_outing_share: float = number(
        0.40,
        "further purchases of an outing at the same shop: a second basket, an order split up",
        "same card, merchant and day .27 (Birmingham)",
        ge=0,
        le=1,
    )
    favourite_days: float = number(
        900.0,
        "days that the first favourite shop of a kind lasts; the k-th one 1/k of that",
        "assumption: new shops are met ever more slowly (Heaps exponent .85, Birmingham)",
        gt=0,
    )
    card_on_file_share: float = number(
        0.35, "favourite web shops that keep the card on file", "assumption", ge=0, le=1
    )
    browser_lifetime_days: float = number(
        20.0,
        "mean days for which the bank knows a browser again",
        "FP-STALKER (Vastel and others, IEEE S&P 2018): half of the browsers change their "
        "fingerprint within five days, the best tracker follows one for 54; between the two "
        "(assumption), as a bank sees it at payments only",
        gt=0,
    )
    contactless_share: float = number(
        0.70, "in-person payments below the limit that are contactless", "assumption", ge=0, le=1
    )
    contactless_limit_minor: int = number(
        10_000, "contactless limit, minor units", "UK limit of 100 pounds since October 2021", ge=0
    )
    wallet_share: float = number(
        0.0,
        "in-person payments above the contactless limit that are made with a phone, which has none",
        "choice: none",
        ge=0,
        le=1,
    )
    cash_withdrawals_per_month: float = number(
        2.0, "withdrawals per customer and month", "assumption", ge=0, le=60
    )
    transfers_per_month: float = number(
        2.5, "payments to persons and businesses by transfer", "assumption", ge=0, le=60
    )
    new_payees_per_year: float = number(
        5.0,
        "payees added per year",
        "Pay.UK, July 2020: over 1 M names checked a day, one per new payee; 2.4 G payments in "
        "2019, 6.6 M a day: one in seven; as many with the default of transfers_per_month",
        ge=0,
        le=100,
    )
    cheques_per_year: float = number(
        0.0,
        "cheques that a customer pays in per year",
        "choice: none, as at most banks of Europe",
        ge=0,
        le=100,
    )
    cheques_bounced_share: float = number(
        0.01,
        "cheques paid in that bounce",
        "assumption: few, and rarely an honest mistake",
        ge=0,
        le=0.5,
    )
    standing_orders_per_customer: float = number(
        0.0,
        "standing orders besides the rent that run at a time, per customer: a club, an insurance, "
        "pocket money",
        "choice: none; Berka has .42 per account that are neither for the household nor for a "
        "loan or a lease (1,911 for 4,500 accounts)",
        ge=0,
        le=0.9,
    )
    logins_per_day: float = number(
        0.25, "online-banking logins besides transfers", "assumption", ge=0
    )
    subscriptions_max: int = number(
        4, "recurring card payments per customer, from 0 to this many", "assumption", ge=0, le=20
    )
    trips_per_year: float = number(
        1.4, "trips to other cities of the country per household", "assumption", ge=0, le=6
    )
    cards_replaced_per_year: float = number(
        0.06, "cards lost or worn without fraud, blocked and reissued", "assumption", ge=0, le=5
    )
    refund_share: float = number(
        0.030,
        "purchases refunded later",
        "2.8 % of rows are refunds (Birmingham purchase cards)",
        ge=0,
        le=0.5,
    )
    wrong_pin_share: float = number(
        0.003, "chip payments with a wrong PIN", "assumption", ge=0, le=0.2
    )
    wrong_cvv_share: float = number(
        0.02, "online payments with a mistyped CVV or expiry date", "assumption", ge=0, le=0.2
    )
    unavailable_share: float = number(
        0.0005, "requests that meet an unavailable issuer", "assumption", ge=0, le=0.1
    )
    outdated_card_share: float = number(
        0.02,
        "recurring charges with the expiry date of the card before (54)",
        "assumption: a card is renewed every three or four years, and half of the billers go on "
        "with the old date for 45 days",
        ge=0,
        le=0.5,
    )
    charged_again_share: float = number(
        0.7,
        "refused recurring charges that the biller tries again within days",
        "assumption: billers try again several times (Stripe Billing: up to eight in two weeks)",
        ge=0,
        le=0.95,
    )
    do_not_honour_share: float = number(
        0.008, "requests refused without a stated reason", "assumption", ge=0, le=0.2
    )
    do_not_honour_online_share: float = number(
        0.035,
        "the same of online requests, which issuers trust less",
        "assumption: with lack of funds, mistyped values and failed challenges industry speaks of "
        "about one online payment in ten",
        ge=0,
        le=0.3,
    )
    retry_share: float = number(
        0.6, "declined honest payments that are tried again", "assumption", ge=0, le=1
    )
    false_dispute_share: float = number(
        0.00013,
        "approved honest card payments disputed all the same (friendly fraud, bad goods)",
        "assumption",
        ge=0,
        le=0.05,
    )


class LookAlikes(Section):
    """Honest life that looks like fraud: each has a rate, and 0 switches it off."""

    new_phone: float = number(
        0.4,
        "new phones per customer and year, enrolled and often used at once",
        "assumption",
        ge=0,
        le=10,
    )
    app_set_up_again: float = number(
        0.6,
        "times per customer and year that the bank's app is set up anew on the same phone: locked "
        "out, erased, restored, a new version; often because something is to be paid at once",
        "assumption",
        ge=0,
        le=10,
    )
    billing_run: float = number(
        0.6,
        "billers who charge all who are due within an hour, on one, two or four days a month; "
        "dozens of charges are refused at once",
        "assumption: telephone and energy companies have billing cycles; direct debits reach the "
        "banks as files",
        ge=0,
        le=1,
    )
    checkout_outage: float = number(
        4.0,
        "outages per merchant and year, of an hour on average: its requests do not reach the bank",
        "assumption: available 99.95 % of the time; nine British banks were down for 803 hours in "
        "two years (Treasury Committee of the House of Commons, March 2025), 45 a bank and year",
        ge=0,
        le=100,
    )
    fresh_browser: float = number(
        0.15,
        "online payments from a browser never seen before or after: private windows, borrowed "
        "devices, pages inside apps; some through an address abroad",
        "assumption",
        ge=0,
        le=1,
    )
    holiday_abroad: float = number(
        0.9, "holidays abroad per household and year", "assumption", ge=0, le=6
    )
    house_move: float = number(
        0.083,
        "moves per household and year, with weeks of large purchases in new shops, and new payees",
        "English Housing Survey 2021-22: 2.0 million moves in 24.2 million households",
        ge=0,
        le=1,
    )
    gift_season: float = number(
        2.0,
        "bursts of presents per customer and year (weddings, birthdays); more before Christmas",
        "assumption",
        ge=0,
        le=6,
    )
    student_away: float = number(
        0.7,
        "students who live in another city in term",
        "assumption: four of five move out",
        ge=0,
        le=1,
    )
    shared_family_device: float = number(
        0.15,
        "online payments on the household's computer, where several members bank here",
        "assumption",
        ge=0,
        le=1,
    )
    office_address: float = number(
        0.3,
        "working customers who also pay from computers shared at work",
        "assumption",
        ge=0,
        le=1,
    )
    subscription_trial: float = number(
        1.5,
        "free or token trials per customer and year, which cost their fee two weeks later",
        "assumption",
        ge=0,
        le=6,
    )
    payroll_and_rent: float = number(
        0.012,
        "customers who collect rents or dues and pass them on within days",
        "assumption",
        ge=0,
        le=1,
    )
    genuine_growth: float = number(
        0.10, "customers whose spending doubles within months", "assumption", ge=0, le=1
    )

    def scaled(self, factor: float) -> LookAlikes:
        """Return all of them more or less often, within what each may be."""
        limits = {name: _most(field) for name, field in type(self).model_fields.items()}
        return LookAlikes(
            **{name: min(factor * getattr(self, name), most) for name, most in limits.items()}
        )


def _most(field: Any) -> float:
    """Return the upper limit of a field."""
    return float(next(limit.le for limit in field.metadata if hasattr(limit, "le")))


class Overlap(Section):
    """What a difficulty means: how far fraud and honest life overlap.

    Attributes:
        look_alikes: factor on every look-alike of honest life.
        craft: how well fraudsters copy honest life, 0 to 1: devices, hours, shops, amounts.
    """

    look_alikes: float
    craft: float


Difficulty = Literal["easy", "realistic", "hard"]
OVERLAPS: dict[str, Overlap] = {
    "easy": Overlap(look_alikes=0.35, craft=0.25),
    "realistic": Overlap(look_alikes=1.0, craft=0.75),
    "hard": Overlap(look_alikes=2.5, craft=1.0),
}
"""By behaviour, never by noise on labels. The steps are choices; that detection gets harder from
one to the next is measured (docs/how-fraud-is-decided.md)."""


class Issuer(Section):
    """How the bank authorises, and what it does when it learns of fraud."""

    overdraft_incomes: float = number(
        0.5, "overdraft, in monthly incomes", "assumption", ge=0, le=10
    )
    credit_limit_incomes: float = number(
        1.8, "credit-card limit, in monthly incomes", "assumption", gt=0, le=20
    )
    cash_per_day_minor: int = number(
        50_000,
        "cash per card and day, minor units",
        "assumption: 300 to 500 pounds are usual",
        gt=0,
    )
    card_payments_per_day: int = number(
        30, "approved payments per card and day before 65", "assumption", ge=1
    )
    challenge_share: float = number(
        0.16,
        "online payments challenged at random where the merchant takes part in 3-D Secure",
        "assumption",
        ge=0,
        le=1,
    )
    challenge_above_minor: int = number(
        25_000, "online payments above this are always challenged", "assumption", ge=0
    )
    challenge_pass_honest: float = number(
        0.92, "challenges that the holder passes", "assumption", ge=0, le=1
    )
    frictionless_share: float = number(
        0.55, "online payments that are authenticated without a challenge", "assumption", ge=0, le=1
    )
    flag_after_reports: int = number(
        4,
        "reported frauds at one merchant in 30 days after which its online payments are challenged",
        "assumption",
        ge=1,
    )
    online_per_hour: int = number(
        8, "approved online payments per card and hour before 59", "assumption", ge=1
    )
    refuse_stripe_abroad_share: float = number(
        0.25, "magnetic-stripe reads abroad refused with 59", "assumption", ge=0, le=1
    )
    hold_new_payee_above_minor: int = number(
        50_000,
        "transfers above this within a day of adding a payee may be held",
        "assumption",
        ge=0,
    )
    hold_new_payee_share: float = number(
        0.12, "share of those that are held (59)", "assumption", ge=0, le=1
    )
    alert_share: float = number(
        0.2,
        "refused frauds (59, failed challenge) after which the holder is asked and says no",
        "assumption",
        ge=0,
        le=1,
    )
    scam_reimbursed_share: float = number(
        0.6,
        "scam victims who get their money back",
        "assumption",
        ge=0,
        le=1,
    )
    reissue_days: float = number(
        4.0, "mean days until a blocked card is replaced", "assumption", gt=0
    )


class Delay(Section):
    """A log-normal delay and the share that never comes."""

    median_days: float = Field(..., description="median delay in days", gt=0, le=365)
    log_sd: float = Field(..., description="spread (sd of the log)", ge=0, le=3)
    never: float = Field(..., description="share of cases that nobody ever reports", ge=0, le=1)


class Victims(Section):
    """When fraud is noticed: a delay by kind of fraud, drawn once per victim's case."""

    remote_card: Delay = number(
        Delay(median_days=10.0, log_sd=1.35, never=0.22),
        "card details used online",
        "assumption: chargebacks arrive after days to months, 5 to 20 % go unreported "
        "in the end; a refusal that looks like fraud brings some of the others to light",
    )
    stolen_card: Delay = number(
        Delay(median_days=0.35, log_sd=1.0, never=0.02), "the card itself is gone", "assumption"
    )
    copied_card: Delay = number(
        Delay(median_days=2.5, log_sd=1.0, never=0.04), "the card was copied", "assumption"
    )
    account: Delay = number(
        Delay(median_days=1.2, log_sd=1.1, never=0.02), "the account was taken over", "assumption"
    )
    scam: Delay = number(
        Delay(median_days=9.0, log_sd=1.3, never=0.1),
        "the customer was talked into paying",
        "assumption: scams are noticed late and under-reported",
    )
    first_party: Delay = number(
        Delay(median_days=60.0, log_sd=0.4, never=0.05),
        "the customer never meant to repay; the bank finds out itself",
        "assumption: charge-off after two missed statements",
    )
    mule_account: Delay = number(
        Delay(median_days=14.0, log_sd=1.1, never=0.07),
        "money of fraud runs through the account; the bank of the payer asks for it back",
        "assumption: some days after the victim of a scam has noticed",
    )


CASE_NAMES = tuple(Victims.model_fields)
"""Kinds of fraud case, in the order of ``fraudsim.rows.CASES`` after its first, ``honest``."""


class EvasionEntry(Section):
    """A way to hide that the campaigns of an attack use."""

    evasion: str = Field(..., description="its name: `fraudsim attacks list`")
    parameters: dict[str, Any] = Field(
        default_factory=dict, description="parameters of the evasion that differ from its defaults"
    )


class AttackEntry(Section):
    """An attack pattern in this scenario: how many campaigns, when, with which parameters."""

    pattern: str = Field(..., description="name of the pattern: `fraudsim attacks list`")
    campaigns: int | None = Field(
        None, description="campaigns in the whole run", ge=0, le=1_000_000
    )
    per_10k_customers_30_days: float | None = Field(
        None, description="campaigns per 10,000 customers and 30 days", ge=0, le=100_000
    )
    first_day: int = Field(0, description="first day on which a campaign may start", ge=0)
    last_day: int | None = Field(
        None, description="last such day; null is the last of the run", ge=0
    )
    parameters: dict[str, Any] = Field(
        default_factory=dict, description="parameters of the pattern that differ from its defaults"
    )
    evasions: tuple[EvasionEntry, ...] = Field(
        (), description="how its campaigns hide, whatever the pattern; the first comes first"
    )
    series: int | None = Field(
        None,
        description="which campaigns are drawn: another number gives others; "
        "null counts the entries of the pattern from 0",
        ge=0,
    )

    def mean_campaigns(self, customers: int, days: int) -> float:
        """Return how many campaigns are expected among so many customers in so many days."""
        if self.campaigns is not None:
            return float(self.campaigns)
        assert self.per_10k_customers_30_days is not None
        last = days - 1 if self.last_day is None else min(self.last_day, days - 1)
        return (
            self.per_10k_customers_30_days * customers / 10_000 * (last - self.first_day + 1) / 30
        )

    @model_validator(mode="after")
    def _one_way_to_count(self) -> Self:
        if (self.campaigns is None) == (self.per_10k_customers_30_days is None):
            raise ValueError("give one of 'campaigns' and 'per_10k_customers_30_days'")
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError(f"last_day ({self.last_day}) lies before first_day ({self.first_day})")
        return self


class Scenario(Section):
    """Everything that decides a run, but the seed."""

    name: str = Field("cards", description="name of the scenario", pattern="^[a-z][a-z0-9_-]*$")
    description: str = Field("", description="what it is for, one line")
    version: Literal[1] = Field(1, description="version of this format")
    calendar: Calendar = Field(default_factory=Calendar, description="when")
    population: Population = Field(default_factory=Population, description="who banks here")
    merchants: Merchants = Field(default_factory=Merchants, description="where customers shop")
    honest: Honest = Field(default_factory=Honest, description="honest life")
    look_alikes: LookAlikes = Field(
        default_factory=LookAlikes, description="honest life that looks like fraud"
    )
    difficulty: Difficulty = number(
        "realistic", "how far fraud and honest life overlap: easy, realistic or hard", "choice"
    )
    issuer: Issuer = Field(default_factory=Issuer, description="the bank's side")
    victims: Victims = Field(default_factory=Victims, description="when fraud is noticed")
    attacks: tuple[AttackEntry, ...] = Field((), description="what fraudsters do")

    @model_validator(mode="after")
    def _attacks_start_inside_the_run(self) -> Self:
        for index, entry in enumerate(self.attacks):
            if entry.first_day >= self.calendar.days:
                raise ValueError(
                    f"attacks.{index}.first_day ({entry.first_day}) lies after the run "
                    f"(calendar.days is {self.calendar.days})"
                )
        return self

    @model_validator(mode="after")
    def _no_campaigns_twice(self) -> Self:
        """Entries of one pattern with the same series would send the same fraudsters twice."""
        seen: dict[tuple[str, int], int] = {}
        for index, (entry, series) in enumerate(zip(self.attacks, self.series(), strict=True)):
            before = seen.setdefault((entry.pattern, series), index)
            if before != index:
                raise ValueError(
                    f"attacks.{index}.series ({series}) is that of attacks.{before}, which has "
                    f"the same pattern {entry.pattern}; give it another number"
                )
        return self

    def series(self) -> tuple[int, ...]:
        """Return the series of each entry of ``attacks``: its own, or its place in its pattern."""
        seen: Counter[str] = Counter()
        found = []
        for entry in self.attacks:
            found.append(seen[entry.pattern] if entry.series is None else entry.series)
            seen[entry.pattern] += 1
        return tuple(found)

    @property
    def overlap(self) -> Overlap:
        """What the difficulty of this scenario means."""
        return OVERLAPS[self.difficulty]

    @property
    def overlapping_look_alikes(self) -> LookAlikes:
        """The look-alikes at the scenario's difficulty."""
        return self.look_alikes.scaled(self.overlap.look_alikes)

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.calendar.start + timedelta(days=self.calendar.days)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values, every default written out."""
        value: dict[str, Any] = self.model_dump(mode="json")
        return value

    @property
    def digest(self) -> str:
        """BLAKE2b of the canonical JSON: equal digests give equal runs for equal seeds."""
        text = json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"))
        return blake2b(text.encode(), digest_size=16).hexdigest()
