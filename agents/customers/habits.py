"""The numbers of the scenario that shape honest plans, and the keys of their draws.

Every draw of a plan is hashed from (key, customer, day, counter), so a customer's plan depends on
nothing but the customer, the day and the few things that happened to him (``State``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from fraudsim.agents.customers.people import joining_share
from fraudsim.rows import records

if TYPE_CHECKING:
    from fraudsim.streams import Streams
    from fraudsim.world.world import World


HABITS = np.dtype(
    [
        ("day_key", np.uint64),
        ("lasting_key", np.uint64),
        ("customers", np.int64),
        ("joining", np.float64),  # share of customers who join during the run
        ("home_country", np.int64),
        ("outing_more", np.float64),
        ("session_more", np.float64),
        ("explore", np.float64),
        ("same_merchant", np.float64),
        ("same_outing", np.float64),
        ("favourite_days", np.float64),
        ("contactless", np.float64),
        ("contactless_limit", np.int64),
        ("wallet", np.float64),  # share of payments above it
        ("card_on_file", np.float64),
        ("cash_per_day", np.float64),
        ("transfers_per_day", np.float64),
        ("new_payee_per_day", np.float64),
        ("cheques_per_day", np.float64),
        ("cheques_bounced", np.float64),
        ("standing_orders", np.float64),  # that run at a time
        ("logins_per_day", np.float64),
        ("trips_per_window", np.float64),
        ("replaced_per_day", np.float64),
        ("wrong_pin", np.float64),
        ("wrong_cvv", np.float64),
        ("challenge_pass", np.float64),
        ("browser_days", np.float64),
        # look-alikes, already scaled by the difficulty; 0 is off
        ("new_phone_per_day", np.float64),
        ("app_set_up_per_day", np.float64),
        ("billing_run", np.float64),  # share of billers
        ("holidays_per_window", np.float64),
        ("house_moves_per_year", np.float64),
        ("celebrations_per_window", np.float64),
        ("student_away", np.float64),  # share of students
        ("family_device", np.float64),  # share of online payments in households of several
        ("office", np.float64),  # share of those who work
        ("fresh_browser", np.float64),  # share of online payments
        ("trials_per_window", np.float64),
        ("collectors", np.float64),  # share of customers
        ("growth", np.float64),  # share of customers
    ],
    align=True,
)
"""What a plan reads of the scenario; rates are per customer and day unless they say else."""

Habits: TypeAlias = Any
"""One record of ``HABITS`` inside a kernel."""

WINDOW_DAYS = 60
"""Episodes that come now and then are drawn once per window of so many days."""


def build_habits(world: World, streams: Streams) -> np.ndarray:
    """Read the habits from the scenario: one record of ``HABITS``, shape (1,)."""
    honest, alike = world.scenario.honest, world.scenario.overlapping_look_alikes
    home = world.places.countries.index(world.scenario.population.country)
    per_window = WINDOW_DAYS / 365
    return records(
        HABITS,
        day_key=np.uint64(streams.key("honest-day")),
        lasting_key=np.uint64(streams.key("honest-lasting")),
        customers=world.customers,
        joining=joining_share(world.scenario),
        home_country=home,
        outing_more=honest.outing_more_share,
        session_more=honest.session_more_share,
        explore=honest.explore_share,
        same_merchant=honest.same_merchant_share,
        same_outing=honest.same_merchant_in_outing_share,
        favourite_days=honest.favourite_days,
        contactless=honest.contactless_share,
        contactless_limit=honest.contactless_limit_minor,
        wallet=honest.wallet_share,
        card_on_file=honest.card_on_file_share,
        cash_per_day=honest.cash_withdrawals_per_month / 30.4,
        transfers_per_day=honest.transfers_per_month / 30.4,
        new_payee_per_day=honest.new_payees_per_year / 365,
        cheques_per_day=honest.cheques_per_year / 365,
        cheques_bounced=honest.cheques_bounced_share,
        standing_orders=honest.standing_orders_per_customer,
        logins_per_day=honest.logins_per_day,
        trips_per_window=honest.trips_per_year * per_window,
        replaced_per_day=honest.cards_replaced_per_year / 365,
        wrong_pin=honest.wrong_pin_share,
        wrong_cvv=honest.wrong_cvv_share,
        challenge_pass=world.scenario.issuer.challenge_pass_honest,
        browser_days=honest.browser_lifetime_days,
        new_phone_per_day=alike.new_phone / 365,
        app_set_up_per_day=alike.app_set_up_again / 365,
        billing_run=alike.billing_run,
        holidays_per_window=alike.holiday_abroad * per_window,
        house_moves_per_year=alike.house_move,
        celebrations_per_window=alike.gift_season * per_window,
        student_away=alike.student_away,
        family_device=alike.shared_family_device,
        office=alike.office_address,
        fresh_browser=alike.fresh_browser,
        trials_per_window=alike.subscription_trial * per_window,
        collectors=alike.payroll_and_rent,
        growth=alike.genuine_growth,
    )
