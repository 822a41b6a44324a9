"""Playbooks speak of rings, of mules who bank here and of the holder's own web shop."""

import numpy as np
import pytest

from fraudsim import rows as row_codes
from fraudsim.attacks.kit.contract import broken
from fraudsim.attacks.kit.nouns import Outcomes
from fraudsim.attacks.kit.playbook.pattern import playbook_pattern
from fraudsim.attacks.kit.rehearsal import (
    RehearsalBooks,
    answer_all,
    answer_some,
    answer_with,
    rehearse,
    small_world,
)
from fraudsim.attacks.kit.scene import Scene
from fraudsim.attacks.kit.underworld import Underworld
from fraudsim.errors import UsageError
from fraudsim.streams import Streams

HEAD = """\
name: mine
summary: one line
story: It happens.
taxonomy: {f3: [F1028]}
sources: [assumption]
look_alike: shopping
"""
DRAIN = """\
victims: {accounts: 3, via: phishing, hands_of: 1}
payees:
  mule: {on_us_share: 1}
steps:
  send:
    do: transfer
    to: mule
    amount_minor: 40000
  onwards:
    wait: {hours: 2}
    do: pass_on
    of: mule
    keeps: 0.25
"""
SHOPPING = """\
victims: {cards: 6, via: phishing}
device: {ring: 1}
places:
  shop: {web: {electronics: 1}, holders_share: 0.5}
steps:
  buy:
    do: charge
    at: shop
    amount_minor: {price: {times: 1}}
  rest_of_them:
    do: leave
    share: 0.5
  again:
    do: charge
    at: shop
    amount_minor: {price: {times: 1}}
"""


def pattern(text):
    return playbook_pattern(HEAD + text, file="mine.yaml")


def play(text, underworld, seed, answer="00"):
    """Play a campaign among others of the same underworld; return its rows and its scene."""
    mine = pattern(text)
    scene = Scene(
        underworld,
        rng=Streams(seed).get("campaign", 0),
        campaign=seed,
        start_us=underworld.world.calendar.day_start_us(3),
        stages=mine.stages,
    )
    bank, told, rows, said = answer_with(answer), mine().run(scene), [], None
    while True:
        try:
            action = told.send(said)
        except StopIteration:
            break
        asked = action.rows.copy()
        asked["response"] = bank(asked)
        rows.append(asked)
        scene.now_us = int(asked["time_us"].max())
        said = Outcomes.of(asked)
    scene.release()
    return np.concatenate([row_codes.empty_rows(0), *rows]), scene


@pytest.fixture
def underworld():
    world = small_world(400, 120)
    return Underworld(world, RehearsalBooks(world, 1), Streams(1))


@pytest.mark.parametrize("text", [DRAIN, SHOPPING])
def test_they_keep_the_contract(text):
    assert broken(pattern(text)) == {}


def test_a_mule_here_sends_on_most_of_what_came():
    rows = rehearse(pattern(DRAIN)(), answer_all, 1).payments
    sent = rows[rows["stage"] == 0]
    onwards = rows[rows["stage"] == 1]
    assert sent["amount_minor"].tolist() == [40_000] * 3
    assert set(onwards["customer"]).isdisjoint(sent["customer"])
    assert len(set(onwards["customer"])) == 3
    assert 0 < onwards["amount_minor"].sum() <= 0.78 * 120_000  # rounded as people type
    assert set(onwards["case"]) == {row_codes.MULE}


def test_nothing_is_passed_on_where_nothing_came():
    rows = rehearse(pattern(DRAIN)(), answer_with("51"), 1).payments
    assert set(rows["stage"]) == {0}


def test_no_customer_here_receives_without_a_share():
    text = DRAIN.replace("on_us_share: 1", "on_us_share: {chance: 0}")
    rows = rehearse(pattern(text)(), answer_all, 1).payments
    assert set(rows["stage"]) == {0}


def test_a_ring_shares_devices_and_accounts(underworld):
    text = SHOPPING.replace("cards: 6", "cards: 1")
    devices = [set(play(text, underworld, seed)[0]["device"]) for seed in range(40)]
    assert all(len(one) == 1 for one in devices)
    assert len(set.union(*devices)) < 30  # some are new; others were used before
    text = DRAIN.replace("{on_us_share: 1}", "{ring: true}").partition("  onwards")[0]
    payees = [set(play(text, underworld, seed)[0]["payee"]) - {0} for seed in range(40, 60)]
    assert len(set.union(*payees)) < sum(len(one) for one in payees)


def test_cards_that_one_leaves_another_takes(underworld):
    left = SHOPPING.replace("share: 0.5\n  again", "share: 1\n  again")
    first = [set(play(left, underworld, seed)[0]["customer"]) for seed in range(20)]
    taken = SHOPPING.replace("via: phishing", "via: ring")
    rows, scene = play(taken, underworld, 20)
    assert any(set(rows["customer"]) <= one for one in first)
    assert "purchase" not in scene.obtained


def test_without_cards_of_the_ring_some_are_bought(underworld):
    rows, scene = play(SHOPPING.replace("via: phishing", "via: ring"), underworld, 3)
    assert len(rows)
    assert scene.obtained == {"purchase": 6}


def test_half_of_the_visits_are_at_the_shop_of_the_holder(underworld, monkeypatch):
    world = underworld.world
    usual = int(np.flatnonzero(world.merchants.online)[0])
    profile = RehearsalBooks.profile

    def with_a_shop(self, customers):
        known = profile(self, customers)
        return known._replace(last_merchant=np.full(len(customers), usual, dtype=np.int64))

    monkeypatch.setattr(RehearsalBooks, "profile", with_a_shop)
    text = SHOPPING.replace("cards: 6", "cards: 100")
    rows = play(text, underworld, 1)[0]
    at_home = rows["merchant"] == usual
    assert 0.3 < at_home[:100].mean() < 0.7
    assert set(rows["entry"][at_home]) == {row_codes.STORED}
    assert set(rows["cvv"][at_home]) == {row_codes.CVV_NOT_PROVIDED}
    assert set(rows["entry"][~at_home]) == {row_codes.WEB}


def test_a_place_in_the_city_of_the_ring_is_there(underworld):
    text = SHOPPING.replace(
        "{web: {electronics: 1}, holders_share: 0.5}", "{street: {grocery: 1}, city: ring}"
    )
    rows, scene = play(text, underworld, 5)
    assert set(underworld.world.merchants.city[rows["merchant"]]) == {scene.ring.city}


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        (DRAIN, "of: mule", "of: mole", "steps.onwards.of: unknown payee 'mole'; did you mean"),
        (
            DRAIN,
            "{on_us_share: 1}",
            "{}",
            "steps.onwards.of: nobody here receives for 'mule': give it an on_us_share",
        ),
        (
            DRAIN,
            "{on_us_share: 1}",
            "{on_us_share: 1, ring: true, abroad_share: 0.2}",
            "payees.mule.abroad_share: accounts of a ring are in the home country",
        ),
        (
            DRAIN,
            "do: pass_on\n    of: mule\n    keeps: 0.25",
            "do: leave",
            "steps.onwards.do: leave needs cards",
        ),
        (
            SHOPPING,
            "web: {electronics: 1}",
            "street: {electronics: 1}",
            "places.shop.holders_share: is of web shops: give web",
        ),
        (DRAIN, "via: phishing", "via: ring", "victims.via: accounts do not come via ring"),
    ],
)
def test_a_mistake_is_said_with_its_place(text, old, new, expected):
    assert old in text
    with pytest.raises(UsageError, match=r"^mine\.yaml: ") as caught:
        pattern(text.replace(old, new))
    assert str(caught.value).removeprefix("mine.yaml: ").startswith(expected)


@pytest.mark.parametrize("seed", range(5))
def test_they_end_before_a_bank_that_says_something_in_between(seed):
    for text in (DRAIN, SHOPPING):
        assert rehearse(pattern(text)(), answer_some(seed), seed).ended in ("finished", "gave_up")
