"""What ``fraudsim attacks new`` writes: files to change line by line, that work as they stand."""

from __future__ import annotations

from pathlib import Path
from string import Template

from fraudsim.attacks import kit

PLAYBOOK = Path(kit.__file__).parent / "playbook" / "template.yaml"
"""A playbook to begin with, with ``$name`` and ``$words`` in it; there where playbooks are."""

_PATTERN = Template('''"""${Title}: say here in one line what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.habits import (
    devices_for,
    draw_habits,
    next_session,
    pace,
    some,
    taste,
    web_shops,
)
from fraudsim.attacks.kit.pattern import AttackPattern, Campaign, parameter
from fraudsim.attacks.kit.taxonomy import Taxonomy

if TYPE_CHECKING:
    from fraudsim.attacks.kit.scene import Scene

# what is bought, by weight: easily sold on (assumption)
SHOPS = {"electronics": 0.5, "clothing": 0.3, "digital_goods": 0.2}


class ${Class}(AttackPattern):
    """Phish a few cards, try each with something small, and shop with those that answer.

    Tell here the story of one campaign, with what the bank sees of it: who the fraudster is, how
    he comes by his victims, what he does first and what he does when the bank says no.
    """

    name: ClassVar[str] = "${name}"
    summary: ClassVar[str] = "${words}: phished cards are tried and used"
    taxonomy: ClassVar[Taxonomy] = Taxonomy(f3=("T1660", "F1028"))
    sources: ClassVar[tuple[str, ...]] = ("name the report or the case that it follows",)
    look_alike: ClassVar[str] = "somebody who buys presents"
    stages: ClassVar[tuple[str, ...]] = ("try", "shop")
    expectations: ClassVar[tuple[Expectation, ...]] = (
        Expectation("victims", 2, 12, "a handful of cards"),
        Expectation("days", 0.1, 12, "over within days"),
    )

    cards: int = parameter(5, "mean number of cards phished", "assumption", ge=1, le=1_000)
    rounds: int = parameter(3, "purchases per card at most", "assumption", ge=1, le=50)
    gap_s: float = parameter(900.0, "median seconds between purchases", "assumption", gt=0)

    def run(self, scene: Scene) -> Campaign:
        """Try every card once, then shop until it is refused."""
        habits = draw_habits(scene)
        cards = scene.steal_cards(some(scene, self.cards), via="phishing")
        likes = taste(scene, SHOPS)
        for turn in range(1 + self.rounds):
            shops = web_shops(scene, likes, len(cards))
            if not len(cards) or not len(shops):
                scene.give_up("no card left" if len(shops) else "no shop to use them at")
                return
            next_session(scene, habits, days=float(scene.rng.exponential(0.5)))
            answer = yield scene.charge(
                cards,
                at=shops,
                amount_minor=scene.price(shops, times=habits.greed * (1.0 if turn else 0.3)),
                after_s=pace(scene, habits, len(cards), self.gap_s),
                stage="shop" if turn else "try",
                device=devices_for(scene, habits, cards),
                ip_country=habits.ip_country,
            )
            cards = cards[answer.approved]
''')

_TEST = Template('''"""${Title} keeps the contract and does what its story tells."""

from pathlib import Path

from fraudsim.attacks.kit.contract import broken
from fraudsim.attacks.kit.rehearsal import answer_all, answer_none, rehearse
from fraudsim.registry import ATTACKS, get

FILE = Path(__file__).parents[1] / "${file}"
PATTERN = get(ATTACKS, "${name}", [FILE])


def test_it_keeps_the_contract():
    assert broken(PATTERN) == {}


def test_it_ends_soon_when_everything_is_refused():
    for seed in range(10):
        assert len(rehearse(PATTERN(), answer_none, seed).answers) <= 3


def test_its_first_step_comes_first():
    for seed in range(10):
        payments = rehearse(PATTERN(), answer_all, seed).payments
        assert payments["stage"][0] == 0
''')


def pattern_template(name: str) -> str:
    """Return a pattern in Python that keeps the contract."""
    return _PATTERN.substitute(_words(name))


def test_template(name: str, file: str) -> str:
    """Return the test of a pattern that lies in ``file``, one folder above."""
    return _TEST.substitute(_words(name), file=file)


def playbook_template(name: str) -> str:
    """Return a playbook that keeps the contract."""
    return Template(PLAYBOOK.read_text(encoding="utf-8")).substitute(_words(name))


def _words(name: str) -> dict[str, str]:
    words = name.replace("_", " ").strip()
    return {
        "name": name,
        "words": words,
        "Title": words.capitalize(),
        "Class": "".join(part.capitalize() for part in name.split("_")),
    }
