"""The vocabulary of a fraudster: everything that a campaign can know and do.

Nouns are columns: ``Cards`` and ``Accounts`` hold many victims at once. Verbs that touch a victim
(``charge``, ``withdraw``, ``transfer``, ``log_in`` ...) return an ``Action`` to be yielded; its
answer is an ``Outcomes`` with one entry per attempt, in the order in which they were given. Verbs
that only concern the fraudster (``steal_cards``, ``device``, ``wait``) answer at once.

Time: ``after_s`` is in seconds after the scene's clock, per attempt and cumulative (use ``pace``).
When an action was answered, the clock stands at its last attempt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.fashion import in_fashion, learnt
from fraudsim.attacks.kit.habits import rounded
from fraudsim.attacks.kit.nouns import Accounts, Attempts, Cards, Profile, Tap
from fraudsim.attacks.kit.purse import PRICES_MINOR, Purse
from fraudsim.errors import UsageError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.attacks.kit.nouns import Bools, Floats, Ints, Numbers
    from fraudsim.attacks.kit.underworld import Ring, Underworld

DAY_S = 86_400

_FRAUD_KEYS = 1 << 50  # device and payee keys from here up belong to campaigns, see Scene
_KEYS_PER_CAMPAIGN = 100_000


class Scene:
    """One campaign's view of the world. Made by the engine, given to ``AttackPattern.run``.

    Attributes:
        rng: the campaign's own generator, the only source of randomness that a pattern may use.
        now_us: the campaign's clock, epoch microseconds UTC.
        purse: what the campaign costs and brings.
        stages: the steps that its payments can name.
        facts: what the campaign drew for itself, for who reads its story later (``note``).
    """

    def __init__(
        self,
        underworld: Underworld,
        *,
        rng: np.random.Generator,
        campaign: int,
        start_us: int,
        stages: Sequence[str],
    ) -> None:
        self.rng = rng
        self.now_us = start_us
        self.point_of_compromise = -1
        self.gave_up = ""
        self.purse = Purse()
        self.facts: dict[str, bool | float | str] = {}
        self.obtained: dict[str, int] = {}
        self._ring: Ring | None = None
        self._underworld = underworld
        self._world = underworld.world
        self._campaign = campaign
        self.stages = tuple(stages)
        self._made = 0
        self._holds: list[int] = []

    # ---- time -------------------------------------------------------------------------------

    @property
    def days_left(self) -> float:
        """Days until the run ends."""
        return (self._world.calendar.end_us - self.now_us) / (DAY_S * 1e6)

    def wait(self, *, days: float = 0.0, hours: float = 0.0) -> None:
        """Let time pass."""
        self.now_us += round((days * DAY_S + hours * 3600) * 1e6)

    @property
    def local_hour(self) -> float:
        """The local time of day that the clock shows, 0 to 24, in hours."""
        return self.hour_at(self.now_us)

    def hour_at(self, time_us: int) -> float:
        """Return the local time of day of a time, 0 to 24, in hours."""
        calendar = self._world.calendar
        return (time_us - calendar.day_start_us(calendar.day_of(time_us))) / 3.6e9

    def wait_until_hour(self, hour: float) -> None:
        """Let time pass until the clock next shows this local hour (0 to 24, exclusive)."""
        day = self._world.calendar.day_of(self.now_us)
        local_us = self.now_us - self._world.calendar.day_start_us(day)
        wait_us = round(hour * 3600 * 1e6) - local_us
        self.now_us += wait_us if wait_us >= 0 else wait_us + DAY_S * 1_000_000

    def pace(self, count: int, *, median_s: float, log_sd: float = 1.0) -> Floats:
        """Return ``count`` cumulative offsets in seconds with log-normal gaps between them."""
        return np.cumsum(self.rng.lognormal(np.log(median_s), log_sd, count))

    def give_up(self, reason: str) -> None:
        """Note why the campaign ends before its story does; then ``return``."""
        self.gave_up = reason

    def note(self, **facts: bool | float | str) -> None:
        """Keep what was drawn for this campaign, such as ``price=19.99``, for its story."""
        self.facts |= facts

    # ---- victims ----------------------------------------------------------------------------

    def steal_cards(
        self,
        count: int,
        *,
        via: Literal[
            "breach",
            "phishing",
            "skimming",
            "theft",
            "purchase",
            "malware",
            "mail_theft",
            "guessing",
        ],
        funding: Literal["debit", "credit", "any"] = "any",
        near_city: int | None = None,
    ) -> Cards:
        """Get the credentials of up to ``count`` cards of customers that nobody else holds.

        Args:
            count: cards wanted; fewer come back when the world has no more.
            via: how; theft, also from the mail, and skimming happen in one city, the others
                anywhere.
            funding: kind of card wanted; ``any`` takes what the customer uses.
            near_city: home city of the victims; default: one at random for theft and skimming.
        """
        if near_city is None and via in ("theft", "skimming", "mail_theft"):
            near_city = self.city()
        customers, profile = self._hold(count, city=near_city, credit=funding == "credit")
        self._obtain(via, len(customers))
        slot = (profile.has_credit & (self.rng.random(len(customers)) < 0.5)).astype(np.int64)
        if funding != "any":
            slot[:] = row_codes.CREDIT if funding == "credit" else row_codes.DEBIT
        serial = profile.card_serial[np.arange(len(customers)), slot]
        return Cards(customers, slot, serial, profile.city)

    def tap(self, merchant: int, *, days: float, limit: int) -> Tap:
        """Breach a merchant and listen; answered after ``days`` with up to ``limit`` ``Cards``.

        The merchant is then the campaign's point of compromise.
        """
        self.point_of_compromise = int(merchant)
        return Tap(int(merchant), self.now_us + round(days * DAY_S * 1e6), limit)

    def accounts(
        self,
        count: int,
        *,
        via: Literal[
            "phishing",
            "malware",
            "breach",
            "purchase",
            "stuffing",
            "sim_swap",
            "persuasion",
            "recruitment",
            "own",
        ],
        credit: bool = False,
        near_city: int | None = None,
    ) -> Accounts:
        """Get hold of up to ``count`` customers: their online banking, their ear, or their help.

        Args:
            count: customers wanted; fewer come back when the world has no more.
            via: how; by ``persuasion`` they are talked into it, by ``recruitment`` they are paid,
                and ``own`` accounts are those of the fraudsters themselves.
            credit: whether they must have a credit card.
            near_city: their home city; default: anywhere.
        """
        customers, profile = self._hold(count, city=near_city, credit=credit)
        self._obtain(via, len(customers))
        return _accounts(customers, profile)

    def applicants(
        self, count: int, *, credit: bool = False, near_city: int | None = None
    ) -> Accounts:
        """Get up to ``count`` identities that are no customers yet: stolen, or made of parts.

        Nobody lives behind an account that is opened with one: what it does, the campaign does.

        Args:
            count: identities wanted; fewer come back when the world has no more.
            credit: whether they must be such as are given a credit card.
            near_city: the city of the address; default: anywhere.
        """
        customers, profile = self._hold(count, city=near_city, credit=credit, joined=False)
        self._obtain("application", len(customers))
        return _accounts(customers, profile)

    def look_again(self, accounts: Accounts) -> Accounts:
        """Return the same accounts with today's balances."""
        return _accounts(accounts.customer, self._underworld.books.profile(accounts.customer))

    def cards_of(self, accounts: Accounts, funding: Literal["debit", "credit"]) -> Cards:
        """Return the cards of customers who are in the game themselves."""
        profile = self._underworld.books.profile(accounts.customer)
        slot = np.full(len(accounts), row_codes.CREDIT if funding == "credit" else row_codes.DEBIT)
        serial = profile.card_serial[np.arange(len(accounts)), slot]
        return Cards(accounts.customer, slot, serial, profile.city)

    @property
    def craft(self) -> float:
        """How well fraudsters of this world copy honest life by now, 0 to 1."""
        scenario = self._world.scenario
        return learnt(scenario.overlap.craft, self._day, scenario.calendar.days)

    def in_fashion(self, categories: Sequence[str]) -> Floats:
        """Return the factor on the weight of each category that today's fraudsters buy, (n,)."""
        return in_fashion(self._underworld.streams, categories, self._day)

    @property
    def _day(self) -> float:
        """Days since the run began."""
        return (self.now_us - self._world.calendar.day_start_us(0)) / (DAY_S * 1e6)

    def usual_devices(self, cards: Cards) -> Ints:
        """Return the key of each holder's own phone."""
        return self.devices_of(cards.customer)

    def devices_of(self, customers: Ints) -> Ints:
        """Return the key of each customer's own phone."""
        return self._underworld.books.profile(customers).device

    def usual_web_shops(self, cards: Cards) -> Ints:
        """Return the web shop of each holder's last purchase; -1 if that was in a street shop."""
        last = self._underworld.books.profile(cards.customer).last_merchant
        is_online = self._world.merchants.online[np.maximum(last, 0)] & (last >= 0)
        return np.where(is_online, last, -1)

    def asks_for_proof(self, merchants: Ints) -> Bools:
        """Return which of these web shops take part in 3-D Secure, as fraudsters' forums tell."""
        secure: Bools = self._world.merchants.secure[merchants]
        return secure

    def leaves(self, answered: np.ndarray) -> Bools:
        """Return which rows are not transfers between accounts that fraudsters hold here."""
        made = self._underworld.payees
        inside = [made.get(key, ("", 0, -1))[2] >= 0 for key in answered["payee"].tolist()]
        return ~np.array(inside, dtype=np.bool_)

    def release(self) -> None:
        """Let go of every customer held; the engine calls it when the campaign ends."""
        self._underworld.held.difference_update(self._holds)
        self._holds.clear()

    # ---- places, merchants, prices ----------------------------------------------------------

    def city(self, *, abroad: bool = False) -> int:
        """Return a city, at home by population, or abroad as travellers go."""
        places = self._world.places
        if not abroad:
            return int(self.rng.choice(places.home_count, p=places.home_weight))
        weight = places.trip_weight[places.home_count :]
        return int(places.home_count + self.rng.choice(len(weight), p=weight / weight.sum()))

    @property
    def home_country(self) -> int:
        """The index of the bank's country."""
        return self._country_code(None)

    def country_named(self, code: int) -> str | None:
        """Return the ISO 3166 country of an index; None for none."""
        return self._world.places.countries[code] if code >= 0 else None

    def terminals_of(self, merchants: Ints) -> Ints:
        """Return a terminal of each merchant, any one of several."""
        return self._world.merchants.any_terminal(merchants, self.rng)

    def country_of(self, city: int) -> str:
        """Return the ISO 3166 country of a city."""
        return self._world.places.country[city]

    def is_abroad(self, merchant: int) -> bool:
        """Return whether a merchant stands in another country than the bank."""
        return bool(self._world.merchants.city[merchant] >= self._world.places.home_count)

    def online_merchants(self, category: str, count: int, *, quiet: bool = False) -> Ints:
        """Return ``count`` web shops of a category, popular ones first in line unless ``quiet``."""
        return self._merchants(
            self._world.merchants.online_range(self._category(category)), count, quiet
        )

    def shops(self, category: str, count: int, *, city: int, quiet: bool = False) -> Ints:
        """Return ``count`` shops of a category in a city; empty where the city has none."""
        return self._merchants(
            self._world.merchants.shop_range(int(city), self._category(category)), count, quiet
        )

    def price(self, merchants: Numbers, *, times: float = 1.0) -> Ints:
        """Draw one price at each merchant from its own price level and endings, in minor units.

        Args:
            merchants: merchant indices, shape (n,).
            times: the goods are so many times as dear as an honest basket.
        """
        return self._world.price_at(np.atleast_1d(np.asarray(merchants)), self.rng, times)

    # ---- tools ------------------------------------------------------------------------------

    @property
    def keys_made(self) -> range:
        """Keys of the devices and payees that were made for this campaign so far."""
        first = _FRAUD_KEYS + self._campaign * _KEYS_PER_CAMPAIGN + 1
        return range(first, first + self._made)

    def device(self) -> int:
        """Return the key of a device that the fraudster owns."""
        return self._new_key()

    def payee(
        self,
        *,
        kind: Literal["person", "business"] = "person",
        country: str | None = None,
        owner: int | None = None,
    ) -> int:
        """Return the key of an account that the fraudster can receive money on.

        Args:
            kind: person or business.
            country: country of the bank; default: the home country.
            owner: a customer of this bank whose current account it is (a mule); approved
                transfers then arrive there within seconds.
        """
        key = self._new_key()
        code = self._country_code(country)
        self._underworld.payees[key] = (kind, code, -1 if owner is None else int(owner))
        return key

    # ---- rings ------------------------------------------------------------------------------

    @property
    def ring(self) -> Ring:
        """The ring that this campaign works with: one of the world's, drawn when first asked."""
        if self._ring is None:
            rings = self._underworld.rings
            self._ring = rings[int(self.rng.integers(len(rings)))]
            if self._ring.city < 0:
                self._ring.city = self.city()
        return self._ring

    def ring_device(self, *, fresh_share: float = 0.3) -> int:
        """Return the key of a device of the ring: a new one for a share of the calls."""
        devices = self.ring.devices
        if not devices or self.rng.random() < fresh_share:
            devices.append(self.device())
            return devices[-1]
        return int(self.rng.choice(devices))

    def ring_payee(
        self, *, fresh_share: float = 0.3, kind: Literal["person", "business"] = "person"
    ) -> int:
        """Return the key of an account of one of the ring's mules, elsewhere; some are new."""
        payees = self.ring.payees
        if not payees or self.rng.random() < fresh_share:
            payees.append(self.payee(kind=kind))
            return payees[-1]
        return int(self.rng.choice(payees))

    def leave_cards(self, cards: Cards) -> None:
        """Leave cards, which this campaign has done with, to the others of the ring.

        They stay held by this campaign until it ends, and may be blocked by then.
        """
        if len(cards):
            self.ring.cards.append(cards)

    def take_cards(self, count: int) -> Cards | None:
        """Take up to ``count`` cards that another campaign of the ring left; None if none is free.

        Cards whose holder is in somebody's hands are passed over.
        """
        left = self.ring.cards
        for index, cards in enumerate(left):
            free = np.array([int(c) not in self._underworld.held for c in cards.customer])
            if free.any():
                del left[index]
                taken = cards[np.flatnonzero(free)[:count]]
                self._holds += taken.customer.tolist()
                self._underworld.held.update(taken.customer.tolist())
                return taken
        return None

    # ---- what the bank answers --------------------------------------------------------------

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
        merchants = np.broadcast_to(np.asarray(at, dtype=np.int64), len(cards))
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
        rows = self._rows(len(accounts), row_codes.DEPOSIT, after_s, stage, case)
        rows["customer"], rows["slot"] = accounts.customer, row_codes.ACCOUNT
        rows["channel"] = row_codes.BATCH
        rows["amount_minor"] = amount_minor
        return Attempts(rows)

    def fetch_savings(
        self, accounts: Accounts, *, amount_minor: Numbers, after_s: Numbers
    ) -> Attempts:
        """Have customers bring money of their own to their account: no fraud, so no label."""
        return self.receive(
            accounts, amount_minor=amount_minor, after_s=after_s, stage="", case="honest"
        )

    def persuade(
        self,
        accounts: Accounts,
        *,
        to: int,
        amount_minor: Numbers,
        stage: str,
        first: bool,
        typed: bool = False,
        passes_challenge: float = 0.97,
    ) -> Attempts:
        """Talk customers into a transfer: log in, add the payee if it is the ``first``, pay.

        It is the holder, on the own device, who pays; so a challenge is passed (assumption: .97).
        A sum that is ``typed`` is rounded as people round.
        """
        step_s = self.pace(3, median_s=100.0)
        action = self.log_in(accounts, after_s=step_s[0])
        if first:
            action += self.add_payee(accounts, payee=to, after_s=step_s[1])
        return action + self.transfer(
            accounts,
            to=to,
            amount_minor=rounded(self, np.asarray(amount_minor)) if typed else amount_minor,
            after_s=step_s[2],
            stage=stage,
            passes_challenge=passes_challenge,
            case="scam",
        )

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
        rows = self._rows(len(accounts), row_codes.REPAYMENT, after_s, stage, case)
        rows["customer"], rows["slot"] = accounts.customer, row_codes.ACCOUNT
        rows["channel"] = row_codes.BATCH
        rows["amount_minor"] = amount_minor
        return Attempts(rows)

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
        rows = self._rows(len(accounts), row_codes.BILL, after_s, stage, case)
        rows["customer"], rows["slot"] = accounts.customer, row_codes.ACCOUNT
        rows["channel"] = row_codes.BATCH
        rows["amount_minor"] = amount_minor
        return Attempts(rows)

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
        return Attempts(self._banking(accounts, kind, after_s, "", device, ip_country, "account"))

    def open_account(
        self,
        applicants: Accounts,
        *,
        after_s: Numbers,
        device: Numbers,
        ip_country: str | None = None,
    ) -> Attempts:
        """Open an account in each name; its cards work from then on, and no money is there yet."""
        rows = self._banking(
            applicants, row_codes.ACCOUNT_OPENED, after_s, "", device, ip_country, "account"
        )
        rows["receiver"] = int(self._day)
        return Attempts(rows)

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
        rows = self._banking(
            accounts, row_codes.PAYEE_ADDED, after_s, "", device, ip_country, "account"
        )
        rows["payee"] = payee
        return Attempts(rows)

    # ---- inside -----------------------------------------------------------------------------

    def _obtain(self, via: str, count: int) -> None:
        """Keep how victims were come by, and pay for them."""
        if via not in PRICES_MINOR:
            raise UsageError(f"unknown way to victims '{via}'{nearest(via, PRICES_MINOR)}")
        self.obtained[via] = self.obtained.get(via, 0) + count
        self.purse.pay(via, PRICES_MINOR[via] * count)

    def _are_abroad(self, payees: Ints) -> Bools:
        home = self._world.places.countries.index(self._world.scenario.population.country)
        made = self._underworld.payees
        return np.array([key in made and made[key][1] != home for key in payees.tolist()])

    def _hold(
        self, count: int, *, city: int | None, credit: bool, joined: bool = True
    ) -> tuple[Ints, Profile]:
        """Pick customers at random that nobody holds and that fit, and hold them."""
        books, held = self._underworld.books, self._underworld.held
        population = self._world.customers
        rare = city is not None or not joined
        tries = min(population, max(64, count * 200 if rare else count * 8))
        pool = self.rng.choice(population, size=tries, replace=False)
        pool = pool[[int(c) not in held for c in pool]] if held else pool
        profile = books.profile(pool)
        today = int(self._day)
        # who joins today or tomorrow is past being applied for
        fits = profile.opens_on < today if joined else profile.opens_on > today + 1
        if city is not None:
            fits &= profile.city == city
        if credit:
            fits &= profile.has_credit
        chosen = np.flatnonzero(fits)[:count]
        customers = pool[chosen].astype(np.int64)
        self._holds += [int(c) for c in customers]
        held.update(self._holds)
        return customers, _take(profile, chosen)

    def hold_tapped(self, hits: Sequence[tuple[int, int, int]], limit: int) -> Cards:
        """Hold customers heard at a tap: (customer, slot, serial), first come first held."""
        fresh: dict[int, tuple[int, int, int]] = {}
        for hit in hits:
            if hit[0] not in self._underworld.held and len(fresh) < limit:
                fresh.setdefault(hit[0], hit)
        self._holds += list(fresh)
        self._underworld.held.update(fresh)
        columns = np.array(list(fresh.values()), dtype=np.int64).reshape(-1, 3)
        city = self._underworld.books.profile(columns[:, 0]).city
        return Cards(columns[:, 0], columns[:, 1], columns[:, 2], city)

    def _rows(self, count: int, kind: int, after_s: Numbers, stage: str, case: str) -> np.ndarray:
        rows = row_codes.empty_rows(count)
        # microseconds are uniform, like those of honest payments
        micros = self.rng.integers(0, 1_000_000, count)
        seconds = np.broadcast_to(np.asarray(after_s, dtype=np.float64), count)
        rows["time_us"] = self.now_us + np.floor(seconds).astype(np.int64) * 1_000_000 + micros
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
        device: Numbers,
        ip_country: str | None,
    ) -> Attempts:
        return Attempts(self._banking(accounts, kind, after_s, "", device, ip_country, "account"))

    def _merchants(self, span: tuple[int, int], count: int, quiet: bool) -> Ints:
        first, last = span
        if last <= first:
            return np.empty(0, dtype=np.int64)
        weight = self._world.merchants.weight[first:last]
        chance = None if quiet else weight / weight.sum()
        return first + self.rng.choice(last - first, size=count, p=chance).astype(np.int64)

    def _category(self, name: str) -> int:
        names = self._world.categories.names
        if name not in names:
            raise UsageError(f"unknown merchant category '{name}'{nearest(name, names)}")
        return names.index(name)

    def _stage(self, name: str) -> int:
        if name not in self.stages:
            raise UsageError(f"unknown stage '{name}'{nearest(name, self.stages)}")
        return self.stages.index(name)

    def _country_code(self, country: str | None) -> int:
        countries = self._world.places.countries
        if country is None:
            return countries.index(self._world.scenario.population.country)
        if country not in countries:
            raise UsageError(f"unknown country '{country}'{nearest(country, countries)}")
        return countries.index(country)

    def _new_key(self) -> int:
        self._made += 1
        if self._made >= _KEYS_PER_CAMPAIGN:
            raise UsageError(
                f"a campaign may make at most {_KEYS_PER_CAMPAIGN - 1} devices and payees"
            )
        return _FRAUD_KEYS + self._campaign * _KEYS_PER_CAMPAIGN + self._made


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


def _take(profile: Profile, which: Ints) -> Profile:
    return Profile._make(column[which] for column in profile)


def _accounts(customers: Ints, profile: Profile) -> Accounts:
    return Accounts(
        customers,
        profile.city,
        profile.device,
        profile.income_minor,
        profile.balance_minor,
        profile.credit_room_minor,
    )
