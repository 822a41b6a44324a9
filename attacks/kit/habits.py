"""What makes one fraudster unlike the next: habits, drawn once per campaign, and how they shop.

A pattern says what is done; these say how: how patient, how greedy, how careful, at which hours,
from behind which country, in which shops. None of it is needed to write a pattern.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

import numpy as np

from fraudsim.attacks.kit.choice import all_chosen, chosen, rising, rising_shares
from fraudsim.streams import integers

if TYPE_CHECKING:
    from fraudsim.attacks.kit.nouns import Action, Attempts, Bools, Cards, Floats, Ints, Outcomes
    from fraudsim.attacks.kit.scene import Scene

Shares: TypeAlias = tuple[list[str], list[float]]
"""Names of categories, and the running sums of their shares."""

Result = TypeVar("Result")
Step = Generator["Action", "Outcomes", Result]
"""A part of a story, to be told with ``yield from``: yields actions, returns what is left."""

CARD_IS_BURNT = ("14", "41", "43", "54", "62", "82")
"""Answers after which a card is thrown away: replaced, reported, expired, restricted, no CVV."""

ASKED_FOR_MORE = ("59", "65")
"""Answers that say: suspected, or prove who you are."""

# Hours of remote card payments, 0 to 23 (US Diary of Consumer Payment Choice; hour 0 estimated)
_REMOTE_HOURS = rising_shares(
    (
        *(0.0120, 0.0055, 0.0041, 0.0062, 0.0024, 0.0065, 0.0164, 0.0295),
        *(0.0548, 0.0696, 0.0655, 0.0517, 0.0682, 0.0586, 0.0600, 0.0644),
        *(0.0504, 0.0607, 0.0487, 0.0319, 0.0329, 0.0281, 0.0216, 0.0185),
    )
)
_NIGHT_HOURS = 6  # 0 to 6
_OPEN_HOURS = (9, 21)  # shops (assumption)

NIGHT_BETA = (1.0, 9.0)
"""Share of a careless fraudster's sessions moved into the night; craft lowers it by up to four
fifths. Real fraud has .25 in 0-6 h where genuine payments have .084 (ULB, one day)."""

HOME_ADDRESS_SHARES = (0.75, 0.97)
"""Fraudsters whose internet address lies in the home country, by proxy or not: without any craft
and with all of it (assumption)."""

STOLEN_BROWSER_SHARE = 0.25
"""Cards that come with the holder's own browser fingerprint, from malware or a phishing page,
for who has all the craft (assumption; such profiles are sold: Europol, takedown of Genesis
Market, 2023)."""

SEARCHES = 2
"""How often another shop is looked for in the place of one that asks for proof (assumption)."""

CHIP_TILLS_AT_HOME, CHIP_TILLS_ABROAD = 0.9, 0.4
"""Tills and machines that ask for the chip first (assumption). Of all payments in person in the
year to June 2023, 99.7 % were made by chip in Europe, 89 % in the United States (EMVCo)."""

USUAL_SHOP_SHARE = 0.35
"""Purchases at the web shop that the holder used last, for who has all the craft (assumption)."""


GREED_LOG_SD = 0.5
"""How much fraudsters differ in what they put into a basket (assumption): most of it small, as in
the ULB table, where amount alone ranks frauds low, and some large, so that the rate by value comes
nearer to that by count (it is 1.1 times as high in IEEE-CIS, 1.4 in ULB)."""


@dataclass(frozen=True)
class Habits:
    """How one fraudster works.

    Attributes:
        patience: factor on waits, median 1.
        greed: factor on what goes into a basket, median 1.
        care: 0 to 1; a careful one changes devices between cards.
        craft: 0 to 1; who has more copies the devices and shops of the holder more often.
        night: share of the sessions that are moved into the night.
        ip_country: country of the internet address; None is the home country.
    """

    patience: float
    greed: float
    care: float
    craft: float
    night: float
    ip_country: str | None


def draw_habits(scene: Scene) -> Habits:
    """Draw the habits of the campaign; the spreads are assumptions, meant to make them differ."""
    rng = scene.rng
    craft = float(rng.beta(6.0 * scene.craft + 0.5, 6.0 * (1.0 - scene.craft) + 0.5))
    few, most = HOME_ADDRESS_SHARES
    habits = Habits(
        patience=float(rng.lognormal(0.5 * craft, 0.5)),
        greed=float(rng.lognormal(0, GREED_LOG_SD)),
        care=float(rng.beta(6.0 * craft + 0.5, 6.0 * (1.0 - craft) + 0.5)),
        craft=craft,
        night=float(rng.beta(*NIGHT_BETA)) * (1.0 - 0.8 * craft),
        ip_country=draw_ip_country(scene, few + (most - few) * craft),
    )
    scene.note(**{name: drawn for name, drawn in vars(habits).items() if drawn is not None})
    return habits


def draw_ip_country(scene: Scene, home_share: float) -> str | None:
    """Return None, the home country, for a share of the draws, else a country abroad."""
    if scene.rng.random() < home_share:
        return None
    return scene.country_of(scene.city(abroad=True))


def some(scene: Scene, mean: float, *, log_sd: float = 0.5) -> int:
    """Return a count around ``mean``, from 1 to four times as many."""
    drawn = mean * scene.rng.lognormal(-(log_sd**2) / 2, log_sd)
    return int(min(max(round(drawn), 1), max(4 * mean, 1)))


# ---- time -----------------------------------------------------------------------------------


def next_session(scene: Scene, habits: Habits, *, days: float) -> None:
    """Wait some days (times patience), then until the hour at which this fraudster sits down."""
    scene.wait(days=days * habits.patience)
    hour = chosen(_REMOTE_HOURS, scene.rng)
    if scene.rng.random() < habits.night:
        hour = int(scene.rng.integers(_NIGHT_HOURS))
    scene.wait_until_hour(hour + float(scene.rng.random()))


def rest_at_night(scene: Scene, habits: Habits) -> None:
    """Put work that would fall into the night off until the morning, as who has craft does."""
    if scene.local_hour < _NIGHT_HOURS and scene.rng.random() < habits.craft:
        scene.wait_until_hour(float(scene.rng.uniform(_NIGHT_HOURS + 1, _NIGHT_HOURS + 5)))


def opening_hours(scene: Scene, *, days: float = 0.0) -> None:
    """Wait some days, then until an hour at which shops are open."""
    scene.wait(days=days)
    scene.wait_until_hour(float(scene.rng.uniform(*_OPEN_HOURS)))


# ---- money ----------------------------------------------------------------------------------

# payments to persons are whole in .95 and multiples of ten in .52 of the cases (US Diary of
# Consumer Payment Choice)
_TYPED_TO_MINOR = np.array([1_000, 500, 100, 1])
_TYPED = rising(np.array([0.52, 0.2, 0.23, 0.05]))


def rounded(scene: Scene, amount_minor: Ints) -> Ints:
    """Round down as people do who type an amount: mostly to tens, nearly always to whole units."""
    to_minor = _TYPED_TO_MINOR[all_chosen(_TYPED, len(amount_minor), scene.rng)]
    to_minor = np.where(amount_minor < 2 * to_minor, 100, to_minor)
    rounded_minor: Ints = np.maximum(amount_minor // to_minor * to_minor, 1).astype(np.int64)
    return rounded_minor


def in_notes(scene: Scene, count: int, *, times: float) -> Ints:
    """Return sums to withdraw, ``times`` an honest median of 50, in notes, up to 500."""
    notes = np.clip(np.rint(times * np.exp(1.6 + 0.5 * scene.rng.normal(size=count))), 1, 50)
    minor = notes.astype(np.int64) * 1_000
    in_twenties: Ints = np.where(minor > 3_000, (minor + 500) // 2_000 * 2_000, minor)
    return in_twenties


# ---- shops ----------------------------------------------------------------------------------


def taste(scene: Scene, categories: Mapping[str, float]) -> dict[str, float]:
    """Return one fraudster's own shares of the categories, scattered around today's fashion."""
    usual = np.array(list(categories.values()))
    weight = usual * scene.in_fashion(list(categories))
    share = scene.rng.dirichlet(2.0 * usual.sum() * weight / weight.sum())
    return dict(zip(categories, share.tolist(), strict=True))


def web_shops(
    scene: Scene, categories: Mapping[str, float], count: int, *, quiet: bool = False
) -> Ints:
    """Return ``count`` web shops of categories drawn by weight; empty where the world has none."""
    return _web_shops(scene, _shares(categories), count, quiet)


def soft_web_shops(
    scene: Scene,
    habits: Habits,
    categories: Mapping[str, float],
    count: int,
    *,
    quiet: bool = False,
) -> Ints:
    """Return web shops as ``web_shops`` does; who has craft avoids those that ask for proof."""
    shares = _shares(categories)
    shops = _web_shops(scene, shares, count, quiet)
    for _ in range(SEARCHES if len(shops) else 0):
        others = _web_shops(scene, shares, count, quiet)
        if not len(others):
            continue
        avoided = scene.asks_for_proof(shops) & (scene.rng.random(count) < habits.craft)
        shops = np.where(avoided, others, shops)
    return shops


def street_shops(scene: Scene, categories: Mapping[str, float], count: int, *, city: int) -> Ints:
    """Return ``count`` shops of a city, of categories drawn by weight; empty where it has none."""
    return _fill(scene.one_of_each(_draw(scene, _shares(categories), count), city=city), count)


def _web_shops(scene: Scene, shares: Shares, count: int, quiet: bool) -> Ints:
    return _fill(scene.one_of_each(_draw(scene, shares, count), quiet=quiet), count)


def _shares(categories: Mapping[str, float]) -> Shares:
    return list(categories), rising_shares(tuple(categories.values()))


def _draw(scene: Scene, shares: Shares, count: int) -> list[str]:
    names, sums = shares
    return [names[k] for k in all_chosen(sums, count, scene.rng)]


def _fill(shops: Ints, count: int) -> Ints:
    """Repeat what was found up to ``count``, unless nothing was."""
    return np.resize(shops, count) if 0 < len(shops) < count else shops


# ---- a card in the hand ---------------------------------------------------------------------


def is_burnt(answer: Outcomes) -> Bools:
    """Return which cards are to be thrown away after this answer."""
    return np.array([code in CARD_IS_BURNT for code in answer.response_code.tolist()], dtype=bool)


def same_card(card: Cards, count: int) -> Cards:
    """Return one card so many times over."""
    return card[np.zeros(count, dtype=np.int64)]


def somewhere_else(scene: Scene, cards: Cards, *, abroad_share: float) -> int:
    """Return a city abroad for a share of the calls, else one at home where few victims live."""
    if scene.rng.random() < abroad_share:
        return scene.city(abroad=True)
    tries = [scene.city() for _ in range(5)]
    victims_there = [int((cards.city == city).sum()) for city in tries]
    return tries[int(np.argmin(victims_there))]


def stripe_read(scene: Scene, merchant: int) -> Literal["magstripe", "fallback"]:
    """Return how a copy is read, which has no chip: tills that ask for one fall back to stripe."""
    share = CHIP_TILLS_ABROAD if scene.is_abroad(merchant) else CHIP_TILLS_AT_HOME
    return "fallback" if scene.rng.random() < share else "magstripe"


def below(scene: Scene, at: Ints, limit_minor: int) -> Ints:
    """Price ordinary baskets; those above the limit are put together anew, smaller."""
    amount = scene.price(at)
    for _ in range(4):
        above = amount > limit_minor
        if not above.any():
            break
        amount[above] = scene.price(at[above], times=0.5)
    return np.minimum(amount, limit_minor)


# ---- a spree online -------------------------------------------------------------------------


def devices_for(scene: Scene, habits: Habits, cards: Cards) -> Ints:
    """Return a device per card: the careless use one for all, the careful one per card.

    Some cards come with what makes the holder's own browser.
    """
    count = len(cards)
    owned = 1 + int(scene.rng.binomial(max(count - 1, 0), habits.care))
    keys = scene.rng.permutation([scene.device() for _ in range(owned)])
    again = keys[integers(scene.rng, owned, count)]
    mine = np.concatenate([keys, again])[:count]
    copied = scene.rng.random(count) < STOLEN_BROWSER_SHARE * habits.craft
    return np.where(copied, scene.usual_devices(cards), mine) if copied.any() else mine


def rotated(scene: Scene, habits: Habits, cards: Cards, devices: Ints) -> Ints:
    """Return the devices of the next round: the careful take a new one for nearly every charge.

    Who has the holder's own browser for a card stays with it: that is what it was bought for.
    """
    renews = scene.rng.random(len(devices)) < 0.9 * habits.care
    if not renews.any():
        return devices
    renews &= devices != scene.usual_devices(cards)
    fresh = [scene.device() if new else 0 for new in renews.tolist()]
    return np.where(renews, np.array(fresh, dtype=np.int64), devices)


def shops_for(
    scene: Scene, habits: Habits, cards: Cards, categories: Mapping[str, float]
) -> tuple[Ints, Bools]:
    """Return a web shop per card, of the categories or where the holder shopped last, and which.

    Where the holder shops, the fraudster enters the account that he has there and pays with the
    card on file. Empty where the world has none of the categories.
    """
    shops = soft_web_shops(scene, habits, categories, len(cards))
    is_usual = scene.rng.random(len(cards)) < USUAL_SHOP_SHARE * habits.craft
    if not is_usual.any():
        return shops, is_usual
    usual = scene.usual_web_shops(cards)
    is_usual &= usual >= 0
    return (np.where(is_usual, usual, shops) if len(shops) else shops), is_usual


def spree(
    scene: Scene,
    habits: Habits,
    cards: Cards,
    *,
    shops: Mapping[str, float],
    stage: str,
    rounds: int,
    gap_s: float,
    devices: Ints,
    basket: float = 1.0,
    growth: float = 1.0,
    passes_challenge: float = 0.0,
) -> Step[Bools]:
    """Go through the cards round after round, each at a new web shop; return which still work.

    Reacts as a thief does: less after 51, another shop, twice, after 59, 65 or 05, then the card is
    dropped; at once after ``CARD_IS_BURNT``.

    Args:
        scene: the campaign's scene.
        habits: its habits.
        cards: the cards, shape (n,).
        shops: categories of web shops and their weights.
        stage: the stage of the pattern.
        rounds: at most so many charges per card.
        gap_s: median seconds between charges, whatever the card.
        devices: key of the device used for each card, shape (n,).
        basket: goods for so many times an honest basket.
        growth: factor on the basket from round to round, up to four times in all.
        passes_challenge: chance to pass a 3-D Secure challenge.
    """
    works = np.ones(len(cards), dtype=bool)
    refused = np.zeros(len(cards), dtype=np.int64)
    short = np.zeros(len(cards), dtype=bool)
    for turn in range(rounds):
        # not every card in every round: a card rests now and then (assumption)
        active = works & (scene.rng.random(len(cards)) < 0.85)
        used = scene.rng.permutation(active.nonzero()[0])
        charged = cards[used]
        at, is_usual = shops_for(scene, habits, charged, shops)
        if not len(at):
            continue
        on_file = is_usual.tolist().count(True)
        if on_file:
            # the shops that know the card come first: the outcomes come in this order
            order = np.argsort(~is_usual, kind="stable")
            used, at, charged = used[order], at[order], charged[order]
        devices = rotated(scene, habits, cards, devices)
        amount = _baskets(scene, at, short[used], habits.greed * basket * min(growth**turn, 4.0))
        answer = yield _charge_round(
            scene,
            habits,
            charged,
            at=at,
            on_file=on_file,
            amount_minor=amount,
            stage=stage,
            devices=devices[used],
            gap_s=gap_s,
            passes_challenge=passes_challenge,
        )
        refused[used] += ~answer.approved
        short[used] |= answer.response_code == "51"
        works[used] &= ~is_burnt(answer) & (refused[used] < 3)
        scene.wait(hours=float(scene.rng.exponential(1.4)) * habits.patience)
        rest_at_night(scene, habits)
    return works


def _charge_round(
    scene: Scene,
    habits: Habits,
    cards: Cards,
    *,
    at: Ints,
    on_file: int,
    amount_minor: Ints,
    stage: str,
    devices: Ints,
    gap_s: float,
    passes_challenge: float,
) -> Attempts:
    """Charge every card once: the first ``on_file`` as cards on file, the others typed in."""
    after_s = scene.rng.permutation(pace(scene, habits, len(cards), gap_s))

    def charge(
        part: slice,
        entry: Literal["ecom", "stored_credential"],
        cvv: Literal["match", "not_provided"],
    ) -> Attempts:
        return scene.charge(
            cards[part],
            at=at[part],
            amount_minor=amount_minor[part],
            after_s=after_s[part],
            stage=stage,
            entry=entry,
            device=devices[part],
            cvv=cvv,
            ip_country=habits.ip_country,
            passes_challenge=passes_challenge,
        )

    if on_file == 0:
        return charge(slice(None), "ecom", "match")
    known = charge(slice(0, on_file), "stored_credential", "not_provided")
    if on_file == len(cards):
        return known
    return known + charge(slice(on_file, None), "ecom", "match")


def pace(scene: Scene, habits: Habits, count: int, median_s: float) -> Floats:
    """Return ``count`` cumulative offsets in seconds, slower for the patient."""
    return scene.pace(count, median_s=median_s * habits.patience)


def _baskets(scene: Scene, shops: Ints, short: Bools, times: float) -> Ints:
    """Price a basket at each shop; where the card was short of money, a much smaller one."""
    amount = scene.price(shops, times=times * float(scene.rng.lognormal(0, 0.45)))
    if short.any():
        amount[short] = scene.price(shops[short], times=0.35 * times)
    return amount
