"""What is told of a campaign: facts and acts, as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Fact:
    """One sentence, and where its figures are from.

    Attributes:
        about: what it is about, in a word or two.
        says: the sentence.
        table: the table of the dataset whose rows were counted.
        rows: how many rows the figures are from.
        example: the key of the first of them; None where there is none.
    """

    about: str
    says: str
    table: str
    rows: int
    example: int | None


@dataclass(frozen=True)
class Act:
    """One row of the timeline: a payment or an event.

    Attributes:
        time: local time of the bank, ISO 8601 to the second.
        what: kind of payment and channel, or of event.
        stage: the step of the pattern; empty for an event.
        customer_id: whose account.
        where: merchant, payee or nothing.
        device_id: from which device.
        amount_minor: None for an event.
        answer: response code; empty for an event.
        table: transactions or events.
        id: key there.
    """

    time: str
    what: str
    stage: str
    customer_id: int
    where: str
    device_id: int | None
    amount_minor: int | None
    answer: str
    table: str
    id: int


@dataclass(frozen=True)
class Told:
    """The story of one campaign, and its timeline in order of time."""

    campaign_id: int
    attack: str
    currency: str
    facts: tuple[Fact, ...]
    acts: tuple[Act, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return asdict(self)
