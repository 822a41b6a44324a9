"""What makes one fraudster unlike the next: habits, drawn once per campaign, and how they shop.

A pattern says what is done; these say how: how patient, how greedy, how careful, at which hours,
from behind which country, in which shops. None of it is needed to write a pattern.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from fraudsim.attacks.kit.scene import Action, Bools, Cards, Floats, Ints, Outcomes, Scene

Result = TypeVar("Result")
Step = Generator["Action", "Outcomes", Result]
"""A part of a story, to be told with ``yield from``: yields actions, returns what is left."""

CARD_IS_BURNT = ("14", "41", "43", "54", "62", "82")
"""Answers after which a card is thrown away: replaced, reported, expired, restricted, no CVV."""

ASKED_FOR_MORE = ("59", "65")
"""Answers that say: suspected, or prove who you are."""

# Hours of genuine card payments, 0 to 23 (ULB card data, two days of September 2013)
_GENUINE_HOURS = np.array(
    [
        *(0.0270, 0.0148, 0.0115, 0.0122, 0.0077, 0.0105, 0.0144, 0.0254),
        *(0.0361, 0.0556, 0.0584, 0.0591, 0.0542, 0.0540, 0.0582, 0.0578),
        *(0.0578, 0.0568, 0.0598, 0.0550, 0.0589, 0.0622, 0.0543, 0.0384),
    ]
)
_NIGHT_HOURS = 6  # 0 to 6
_OPEN_HOURS = (9, 21)  # shops (assumption)

NIGHT_BETA = (1.0, 9.0)
"""Share of a fraudster's sessions moved into the night. Real fraud has .25 in 0-6 h where genuine
payments have .084 (ULB); this mean of .10 gives .18, a lift of two (assumption: ULB is one day)."""

HOME_ADDRESS_SHARE = 0.85
"""Fraudsters whose internet address lies in the home country, by proxy or not (assumption)."""


@dataclass(frozen=True)
class Habits:
    """How one fraudster works.

    Attributes:
        patience: factor on waits, median 1.
        greed: factor on what goes into a basket, median 1.
        care: 0 to 1; a careful one changes devices between cards.
        night: share of the sessions that are moved into the night.
        ip_country: country of the internet address; None is the home country.
    """

    patience: float
    greed: float
    care: float
    night: float
    ip_country: str | None


def draw_habits(scene: Scene) -> Habits:
    """Draw the habits of the campaign; the spreads are assumptions, meant to make them differ."""
    rng = scene.rng
    return Habits(
        patience=float(rng.lognormal(0, 0.5)),
        greed=float(rng.lognormal(0, 0.35)),
        care=float(rng.beta(2, 2)),
        night=float(rng.beta(*NIGHT_BETA)),
        ip_country=draw_ip_country(scene, HOME_ADDRESS_SHARE),
    )


def draw_ip_country(scene: Scene, home_share: float) -> str | None:
    """Return None, the home country, for a share of the draws, else a country abroad."""
    if scene.rng.random() < home_share:
        return None
    return scene.country_of(scene.city(abroad=True))


def some(scene: Scene, mean: float, *, log_sd: float = 0.5) -> int:
    """Return a count around ``mean``, from 1 to four times as many."""
    drawn = mean * scene.rng.lognormal(-(log_sd**2) / 2, log_sd)
    return int(np.clip(round(drawn), 1, max(4 * mean, 1)))


# ---- time -----------------------------------------------------------------------------------


def next_session(scene: Scene, habits: Habits, *, days: float) -> None:
    """Wait some days (times patience), then until the hour at which this fraudster sits down."""
    scene.wait(days=days * habits.patience)
    hour = int(scene.rng.choice(24, p=_GENUINE_HOURS / _GENUINE_HOURS.sum()))
    if scene.rng.random() < habits.night:
        hour = int(scene.rng.integers(_NIGHT_HOURS))
    scene.wait_until_hour(hour + float(scene.rng.random()))


def opening_hours(scene: Scene, *, days: float = 0.0) -> None:
    """Wait some days, then until an hour at which shops are open."""
    scene.wait(days=days)
    scene.wait_until_hour(float(scene.rng.uniform(*_OPEN_HOURS)))


# ---- money ----------------------------------------------------------------------------------


def rounded(scene: Scene, amount_minor: Ints) -> Ints:
    """Round down as people do who type an amount: mostly to tens, nearly always to whole units.

    Source: payments to persons in the US Diary of Consumer Payment Choice are whole in .95 and
    multiples of ten in .52 of the cases.
    """
    to_minor = scene.rng.choice(
        [1_000, 500, 100, 1], size=len(amount_minor), p=[0.52, 0.2, 0.23, 0.05]
    )
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
    """Return one fraudster's own shares of the categories, scattered around the usual weights."""
    share = scene.rng.dirichlet(2.0 * np.array(list(categories.values())))
    return dict(zip(categories, share.tolist(), strict=True))


def web_shops(
    scene: Scene, categories: Mapping[str, float], count: int, *, quiet: bool = False
) -> Ints:
    """Return ``count`` web shops of categories drawn by weight; empty where the world has none."""
    found = [
        scene.online_merchants(name, 1, quiet=quiet) for name in _draw(scene, categories, count)
    ]
    return _fill(found, count)


def street_shops(scene: Scene, categories: Mapping[str, float], count: int, *, city: int) -> Ints:
    """Return ``count`` shops of a city, of categories drawn by weight; empty where it has none."""
    found = [scene.shops(name, 1, city=city) for name in _draw(scene, categories, count)]
    return _fill(found, count)


def _draw(scene: Scene, categories: Mapping[str, float], count: int) -> list[str]:
    weight = np.array(list(categories.values()), dtype=np.float64)
    names = scene.rng.choice(list(categories), size=count, p=weight / weight.sum())
    return [str(name) for name in names]


def _fill(found: list[Ints], count: int) -> Ints:
    """Join what was found and repeat it up to ``count``, unless nothing was."""
    shops = np.concatenate(found) if found else np.empty(0, dtype=np.int64)
    return np.resize(shops, count) if len(shops) else shops


# ---- a spree online -------------------------------------------------------------------------


def devices_for(scene: Scene, habits: Habits, count: int) -> Ints:
    """Return a device per card: the careless use one for all, the careful nearly one per card."""
    owned = 1 + int(scene.rng.binomial(max(count - 1, 0), 0.7 * habits.care))
    keys = np.array([scene.device() for _ in range(owned)], dtype=np.int64)
    return scene.rng.choice(keys, size=count)


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

    Reacts as a thief does: less after 51, another shop once after 59, 65 or 05, then the card is
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
        used = scene.rng.permutation(np.flatnonzero(works & (scene.rng.random(len(cards)) < 0.85)))
        at = web_shops(scene, shops, len(used))
        if not len(at):
            continue
        answer = yield scene.charge(
            cards[used],
            at=at,
            amount_minor=_baskets(
                scene, at, short[used], habits.greed * basket * min(growth**turn, 4.0)
            ),
            after_s=pace(scene, habits, len(used), gap_s),
            stage=stage,
            device=devices[used],
            ip_country=habits.ip_country,
            passes_challenge=passes_challenge,
        )
        refused[used] += ~answer.approved
        short[used] |= answer.response_code == "51"
        works[used] &= ~np.isin(answer.response_code, CARD_IS_BURNT) & (refused[used] < 2)
        scene.wait(hours=float(scene.rng.exponential(0.6)) * habits.patience)
    return works


def pace(scene: Scene, habits: Habits, count: int, median_s: float) -> Floats:
    """Return ``count`` cumulative offsets in seconds, slower for the patient."""
    return scene.pace(count, median_s=median_s * habits.patience)


def _baskets(scene: Scene, shops: Ints, short: Bools, times: float) -> Ints:
    """Price a basket at each shop; where the card was short of money, a much smaller one."""
    amount = scene.price(shops, times=times)
    if short.any():
        amount[short] = scene.price(shops[short], times=0.35 * times)
    return amount
