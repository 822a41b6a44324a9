"""The form of a playbook: its keys, what they mean and their limits.

``json_schema`` publishes it; ``reading`` holds files to it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from fraudsim.attacks.kit.playbook.conditions import (
    Condition,  # noqa: TC001 -- pydantic reads it
)
from fraudsim.attacks.kit.playbook.numbers import Form, Number

MOST_STEPS = 60
"""Steps of one playbook."""
MOST_TURNS = 1_000
"""Times that a loop may run, whatever its limit says."""
MOST_VICTIMS = 5_000
"""Victims of one campaign, whatever the playbook says."""

Key = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$", max_length=60)]
Line = Annotated[str, Field(min_length=1, max_length=300)]
Text = Annotated[str, Field(min_length=1, max_length=4_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(gt=0, le=1_000_000)]


class TaxonomyCodes(Form):
    """Where the playbook stands in the published taxonomies."""

    f3: tuple[Annotated[str, Field(pattern=r"^[FT]\d{4}(\.\d{3})?$")], ...] = Field(
        description="techniques of MITRE Fight Fraud Framework", min_length=1, max_length=30
    )
    visa: Line = Field("", validate_default=False, description="Visa TC40 fraud type")
    mastercard: Line = Field("", validate_default=False, description="Mastercard SAFE fraud type")
    eba: Line = Field("", validate_default=False, description="class of the EBA guidelines")
    fraud_classifier: Line = Field("", validate_default=False, description="FraudClassifier branch")
    uk_finance: Line = Field("", validate_default=False, description="UK Finance type")


class ParameterForm(Form):
    """A number that a scenario may set."""

    default: float
    meaning: Line = Field(description="what it is, with its unit")
    source: Line = Field(description="where the default is from; 'assumption' is a source")
    least: float = 0.0
    most: float = 1_000_000.0


class Expected(Form):
    """What the median campaign is like when the bank approves all."""

    measure: Literal[
        "payments", "victims", "amount_minor", "taken_minor", "days", "gap_minutes", "payees",
        "shops",
    ]  # fmt: skip
    low: float
    high: float
    because: Line


# ---- victims, places, payees ----------------------------------------------------------------


class Breach(Form):
    """A merchant at which the fraudster listens; who pays there is a victim."""

    at: Key = Field(description="name of a place")
    days: Number = Field(description="days until the fraudster has heard enough")


class Victims(Form):
    """Who is in the fraudster's hands, and how he came by them."""

    cards: Number | None = Field(None, description="cards wanted; or accounts, or applicants")
    accounts: Number | None = Field(None, description="customers wanted")
    applicants: Number | None = Field(None, description="identities that are no customers yet")
    via: Literal[
        "breach", "phishing", "skimming", "theft", "purchase", "malware", "mail_theft",
        "stuffing", "sim_swap", "persuasion", "recruitment", "own", "application", "ring",
    ] = Field(
        description="how they were come by; ring: cards that others of the ring have left, or, "
        "where none are, bought"
    )  # fmt: skip
    breach: Breach | None = Field(None, description="cards of those who pay at a merchant")
    pause_days: Number = Field(0.0, description="days between getting them and their use")
    credit: bool = Field(False, description="only credit cards, or customers who have one")
    looked_at: Number = Field(1.0, description="accounts looked at for each that is taken")
    of_richest: Share = Field(
        1.0, description="taken from so large a share, the richest, of those looked at"
    )
    hands_of: Number | None = Field(
        None, description="so many at a time go through the whole story; default: all at once"
    )


class Place(Form):
    """Shops of one kind: on the web, in the street, or cash machines."""

    web: dict[Key, Weight] | None = Field(None, description="category of web shops: weight")
    street: dict[Key, Weight] | None = Field(None, description="category of shops: weight")
    cash_machines: bool = False
    online_share: Number = Field(0.5, description="visits to web shops, where both are given")
    city: Literal["home", "elsewhere", "ring"] = Field(
        "home",
        description="where shops and machines are: the victim's city, another, or that of the ring",
    )
    abroad_share: Number = Field(0.0, description="of those elsewhere; one city per hand")
    holders_share: Number = Field(
        0.0,
        description="visits on the web that go to the shop where the holder bought last, with the "
        "card on file there",
    )
    keep: Number | None = Field(
        None, description="the campaign chooses so many shops once; default: new ones each time"
    )
    quiet: bool = Field(False, description="shops that few people use")
    soft: bool = Field(False, description="who has craft avoids shops that ask for proof")
    own_taste: bool = Field(True, description="each campaign has weights of its own")


class Payee(Form):
    """Accounts that receive the money; each is added before it is first paid."""

    kind: Literal["person", "business"] = "person"
    abroad_share: Number = Field(0.0, description="accounts that lie abroad")
    most: Number = Field(1.0, description="accounts used, per hand of victims")
    new_chance: Number = Field(0.5, description="a payment opens another account, up to most")
    on_us_share: Number = Field(
        0.0,
        description="accounts of customers of this bank, recruited for it; what arrives there is "
        "sent on by 'pass_on'",
    )
    ring: bool = Field(
        False, description="accounts of the ring's mules elsewhere, which its others use too"
    )


# ---- steps ----------------------------------------------------------------------------------


class Wait(Form):
    """Time that passes before the deed."""

    days: Number = 0.0
    hours: Number = 0.0
    patient: bool = Field(True, description="longer for who has patience")
    until: Literal["session", "opening_hours"] | None = Field(
        None, description="then until the fraudster sits down, or until the shops are open"
    )
    hour: Number | None = Field(None, description="then until this local hour, 0 to 24")
    rest_at_night: bool = Field(False, description="who has craft does not work at night")


class Jump(Form):
    """Where the story goes on. A jump back needs ``most``."""

    when: Condition | None = Field(None, description="default: always")
    go: Key = Field(description="a step, or 'end'")
    most: Number | None = Field(None, description="so many times in a row")


class Repeat(Form):
    """Do the step again."""

    most: Number = Field(description="times in all")
    until: Condition | None = Field(None, description="stop before that")


class Step(Form):
    """What every step may have."""

    chance: Number | None = Field(None, description="the deed and its wait are done so often")
    set: dict[Key, Number] = Field(
        {}, description="numbers of 'draws' to set before", max_length=20
    )
    wait: Wait | None = None
    after: dict[Key, Number] = Field({}, description="numbers to set after it", max_length=20)
    repeat: Repeat | None = None
    then: tuple[Jump, ...] = Field((), max_length=20, description="first that holds; or onwards")


class Pause(Step):
    """Without a deed, a step waits, sets numbers or turns elsewhere."""

    do: Literal["nothing"] = "nothing"


class Deed(Step):
    """A step that the bank sees."""

    gap_s: Number = Field(70.0, description="median seconds between two attempts")
    keep: Literal["all", "approved", "refused", "working"] = Field(
        "all",
        description="victims who stay in the hand; working: not burnt and refused less than "
        "'refusals' times",
    )
    refusals: int = Field(3, ge=1, le=100, description="refusals after which keep: working drops")


class Payment(Deed):
    """A deed that moves money."""

    amount_minor: Number = Field(description="minor units")
    stage: Key | None = Field(None, description="its name in the labels; default: the step's")
    least_minor: Number = Field(1.0, description="less is not worth it: the deed is left out")


class AtPlace(Payment):
    """A payment with cards at a place."""

    at: Key = Field(description="name of a place")
    funding: Literal["debit", "credit"] = Field(
        "debit", description="card used, where the victims are accounts"
    )
    to_share: Number = Field(1.0, description="cards of the hand that are used each time")
    knows_pin: bool = False
    hands_of: Number | None = Field(None, description="so many cards at a time, default all")
    pause_hours: Number = Field(0.0, description="between two handfuls")
    dry: int = Field(3, ge=1, le=1_000, description="handfuls refused in a row that end the step")


class Charge(AtPlace):
    """Pay with each card."""

    do: Literal["charge"]
    entry: Literal[
        "by_place", "ecom", "stored_credential", "chip", "contactless", "magstripe", "fallback"
    ] = Field("by_place", description="by_place: typed in online, tapped up to 50.00, else chip")
    wrong_cvv_share: Number = Field(0.0, description="cards with a wrong verification value")
    passes_challenge: Number = Field(0.0, description="chance to pass a 3-D Secure challenge")


class Withdraw(AtPlace):
    """Fetch cash with each card."""

    do: Literal["withdraw"]
    entry: Literal["chip", "magstripe", "fallback"] = "chip"
    knows_pin: bool = True


class Refund(Deed):
    """Have the last approved purchase of each card, or a share of it, paid back."""

    do: Literal["refund"]
    share: Number = 1.0
    stage: Key | None = None


class Banking(Deed):
    """Something that each customer, or who poses as him, does in online banking."""

    do: Literal["log_in", "reset_password", "enrol_device", "change_contact", "open_account"]


class FailedLogIn(Deed):
    """Try wrong passwords."""

    do: Literal["fail_to_log_in"]


class EnrolWallet(Deed):
    """Put each card into the wallet of a telephone."""

    do: Literal["enrol_wallet"]


class Transfer(Payment):
    """Send money from each account; a payee is added before it is first paid."""

    do: Literal["transfer"]
    to: Key = Field(description="name of a payee")
    logs_in: bool = Field(True, description="log in first")
    passes_challenge: Number = 1.0


class Persuade(Payment):
    """Talk each customer into sending money himself, from his own device."""

    do: Literal["persuade"]
    to: Key = Field(description="name of a payee")
    passes_challenge: Number = 0.97


class Booked(Payment):
    """Money that arrives, a card that is paid down, a deposit that is taken back."""

    do: Literal["receive", "repay", "bounce"]


class ChangePayee(Step):
    """Drop the accounts used so far: the next payment goes to a new one."""

    do: Literal["change_payee"]
    payee: Key = Field(description="name of a payee")


class Choose(Step):
    """Go on with some of the victims."""

    do: Literal["choose"]
    share: Number = Field(1.0, description="each stays with this chance")
    most: Number = Field(float(MOST_VICTIMS), description="and so many at most")


class Leave(Step):
    """Leave cards to the others of the ring; they go out of the hand."""

    do: Literal["leave"]
    share: Number = Field(1.0, description="each is left with this chance")


class PassOn(Step):
    """Let customers of this bank who received money send it on in parts, or fetch it in notes.

    It is no deed of the hand: what the bank said last stays as it was.
    """

    do: Literal["pass_on"]
    of: Key = Field(description="name of a payee with on_us_share")
    keeps: Number = Field(0.1, description="share of what arrived that stays with the mule")
    cash_share: Number = Field(0.3, description="parts that leave in notes")
    within_hours: Number = Field(24.0, description="out within about so many hours")
    most_payees: Number = Field(2.0, description="accounts elsewhere that each mule pays to")
    stage: Key | None = Field(None, description="its name in the labels; default: the step's")


class GiveUp(Step):
    """End the campaign."""

    do: Literal["give_up"]
    reason: Line


STEPS: dict[str, type[Step]] = {
    "nothing": Pause,
    "charge": Charge,
    "withdraw": Withdraw,
    "refund": Refund,
    "enrol_wallet": EnrolWallet,
    **dict.fromkeys(
        ("log_in", "reset_password", "enrol_device", "change_contact", "open_account"), Banking
    ),
    "fail_to_log_in": FailedLogIn,
    "transfer": Transfer,
    "persuade": Persuade,
    **dict.fromkeys(("receive", "repay", "bounce"), Booked),
    "change_payee": ChangePayee,
    "choose": Choose,
    "leave": Leave,
    "pass_on": PassOn,
    "give_up": GiveUp,
}
"""Verb -> the form of its step."""


def step_kind(given: Any) -> str | None:
    """Return the tag of a step, None for an unknown verb."""
    verb = given.get("do", "nothing") if isinstance(given, dict) else None
    return f"<{STEPS[verb].__name__}>" if isinstance(verb, str) and verb in STEPS else None


AnyStep = Annotated[
    Annotated[Pause, Tag("<Pause>")]
    | Annotated[Charge, Tag("<Charge>")]
    | Annotated[Withdraw, Tag("<Withdraw>")]
    | Annotated[Refund, Tag("<Refund>")]
    | Annotated[EnrolWallet, Tag("<EnrolWallet>")]
    | Annotated[Banking, Tag("<Banking>")]
    | Annotated[FailedLogIn, Tag("<FailedLogIn>")]
    | Annotated[Transfer, Tag("<Transfer>")]
    | Annotated[Persuade, Tag("<Persuade>")]
    | Annotated[Booked, Tag("<Booked>")]
    | Annotated[ChangePayee, Tag("<ChangePayee>")]
    | Annotated[Choose, Tag("<Choose>")]
    | Annotated[Leave, Tag("<Leave>")]
    | Annotated[PassOn, Tag("<PassOn>")]
    | Annotated[GiveUp, Tag("<GiveUp>")],
    Discriminator(step_kind),
]


class Playbook(Form):
    """One way to commit fraud, step by step."""

    name: Key = Field(description="the name of the file")
    summary: Line = Field(description="one line for lists")
    story: Text = Field(description="one campaign, as the bank would come to see it")
    taxonomy: TaxonomyCodes
    sources: tuple[Line, ...] = Field(
        min_length=1, max_length=20, description="where story and numbers are from"
    )
    look_alike: Line = Field(description="the honest behaviour that it hides among")
    parameters: dict[Key, ParameterForm] = Field(
        {}, max_length=60, description="numbers that a scenario may set; written $name"
    )
    draws: dict[Key, Number] = Field(
        {}, max_length=60, description="numbers drawn for each hand of victims; written $name"
    )
    victims: Victims
    places: dict[Key, Place] = Field({}, max_length=20)
    payees: dict[Key, Payee] = Field({}, max_length=20)
    device: dict[Literal["own", "per_card", "victims", "ring"], Number] = Field(
        {"per_card": 1.0},
        min_length=1,
        description="from what each hand is worked, by weight: the fraudster's one device, "
        "devices changed with care, the victim's own, or one that the ring shares",
    )
    steps: dict[Key, AnyStep] = Field(min_length=1, max_length=MOST_STEPS)
    expectations: tuple[Expected, ...] = Field((), max_length=10)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a playbook."""
    schema = Playbook.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "fraudsim playbook",
        **{key: part for key, part in schema.items() if key != "title"},
    }
