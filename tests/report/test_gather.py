"""The aggregates say what the tables say: recounted here row by row, without polars."""

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from fraudsim.errors import FraudsimError, UsageError
from fraudsim.report import campaigns, gather, places
from fraudsim.report.run import Calendar, Population, Run, Setting, open_run
from fraudsim.report.summary import summary


@pytest.fixture(scope="module")
def run(dataset):
    return open_run(dataset)


@pytest.fixture(scope="module")
def rows(dataset):
    """Transactions with their label, as plain dicts."""
    labels = {row["tx_id"]: row for row in dataset.labels.collect().to_dicts()}
    return [
        row | {"label": labels.get(row["tx_id"])}
        for row in dataset.transactions.collect().to_dicts()
    ]


def as_dicts(chart):
    keys = [column.key for column in chart.columns]
    return [dict(zip(keys, row, strict=True)) for row in chart.rows]


def test_every_chart_has_rows_of_its_columns_and_a_sentence(run):
    for make in (
        gather.daily, gather.hours, gather.amounts, gather.channels, gather.attacks, gather.delay,
        gather.responses, places.distance, places.places, campaigns.campaigns,
    ):  # fmt: skip
        chart = make(run)
        assert chart.rows, chart.name
        assert {len(row) for row in chart.rows} == {len(chart.columns)}, chart.name
        assert chart.reading.endswith("."), chart.name
        assert chart.unit, chart.name


def test_days_add_up_to_the_payments(run, rows):
    days = as_dicts(gather.daily(run))
    by_day = Counter(str(row["event_time"].date()) for row in rows if row["label"] is None)
    assert {day["day"]: day["genuine"] for day in days} == by_day
    approved = [row for row in rows if row["label"] and row["approved"]]
    assert sum(day["fraud_approved"] for day in days) == len(approved)
    taken_minor = sum(row["amount_minor"] for row in approved)
    assert sum(day["taken"] for day in days) == pytest.approx(taken_minor / 100)


def test_a_long_run_is_drawn_by_week(run):
    long = Run(
        run.data,
        Setting(
            calendar=run.setting.calendar.model_copy(update={"days": 401}),
            population=run.setting.population,
        ),
        run.payments,
        run.frauds,
    )
    chart = gather.daily(long)
    assert {date.fromisoformat(row[0]).weekday() for row in chart.rows} == {0}
    assert sum(row[1] for row in chart.rows) == sum(row[1] for row in gather.daily(run).rows)


def payments(*event_times, timezone="Europe/London", channel="pos"):
    """A run of genuine payments at these times, for what needs no more than that."""
    local = pl.Series("local", event_times, dtype=pl.Datetime("us", "UTC"))
    frame = pl.LazyFrame(
        {
            "local": local.dt.convert_time_zone(timezone),
            "attack": pl.Series([None] * len(event_times), dtype=pl.String),
            "channel": pl.Series([channel] * len(event_times), dtype=pl.String),
        }
    )
    setting = Setting(
        calendar=Calendar(start=date(2025, 1, 1), days=365, timezone=timezone),
        population=Population(country="GB", currency="GBP"),
    )
    return Run(None, setting, frame, frame)


def test_hours_are_local_also_in_summer():
    late = datetime(2025, 7, 1, 23, 30, tzinfo=UTC)  # Tuesday in UTC, Wednesday 00:30 in London
    cells = [row for row in gather.hours(payments(late)).rows if row[2]]
    assert cells == [("Wednesday", 0, 1, 0)]


def test_hours_leave_out_what_nobody_does_at_that_hour():
    night = datetime(2025, 1, 7, 3, tzinfo=UTC)
    assert len(gather.hours(payments(night)).rows) == 7 * 24
    assert not gather.hours(payments(night, channel="batch")).rows


def test_hours_fill_the_whole_week(run, rows):
    cells = gather.hours(run).rows
    assert len(cells) == 7 * 24
    assert sum(cell[3] for cell in cells) == sum(row["label"] is not None for row in rows)


def test_amount_bins_hold_the_amounts(run, rows):
    for bin_ in as_dicts(gather.amounts(run)):
        inside = [
            row
            for row in rows
            if row["channel"] == bin_["channel"]
            and bin_["low"] <= row["amount_minor"] / 100 < bin_["high"]
        ]
        assert sum(row["label"] is None for row in inside) == bin_["genuine"]
        assert sum(row["label"] is not None for row in inside) == bin_["fraud"]


def test_attacks_are_counted_with_their_money_reports_and_delay(run, rows):
    for attack in as_dicts(gather.attacks(run)):
        mine = [row for row in rows if row["label"] and row["label"]["attack"] == attack["attack"]]
        delays = sorted(
            row["label"]["reported_at"] - row["event_time"]
            for row in mine
            if row["label"]["reported_at"]
        )
        assert attack["attempts"] == len(mine)
        assert attack["taken"] == sum(row["amount_minor"] for row in mine if row["approved"]) / 100
        assert attack["victims"] == len({row["customer_id"] for row in mine})
        assert attack["reported"] == pytest.approx(len(delays) / len(mine), abs=1e-6)
        middle = delays[(len(delays) - 1) // 2].total_seconds() / 86_400
        assert attack["delay"] == pytest.approx(middle, abs=0.006)


def test_channel_rates_are_of_approved_payments(run, rows):
    for channel in as_dicts(gather.channels(run)):
        mine = [row for row in rows if row["channel"] == channel["channel"] and row["approved"]]
        fraud = [row for row in mine if row["label"]]
        value = sum(row["amount_minor"] for row in fraud) / sum(row["amount_minor"] for row in mine)
        assert channel["by_count"] == pytest.approx(1e4 * len(fraud) / len(mine), abs=0.006)
        assert channel["by_value"] == pytest.approx(1e4 * value, abs=0.006)


def test_response_shares_sum_to_one(run):
    codes = as_dicts(gather.responses(run))
    assert sum(code["genuine_share"] for code in codes) == pytest.approx(1, abs=1e-5)
    assert sum(code["fraud_share"] for code in codes) == pytest.approx(1, abs=1e-5)
    assert codes[0]["meaning"] == "approved"


def test_known_share_never_falls_and_counts_reports(run, rows):
    lines = as_dicts(gather.delay(run))
    everything = [row["known"] for row in lines if row["attack"] == gather.ALL_ATTACKS]
    assert everything == sorted(everything)
    frauds = [row for row in rows if row["label"]]
    week = sum(
        row["label"]["reported_at"] is not None
        and (row["label"]["reported_at"] - row["event_time"]).total_seconds() <= 7 * 86_400
        for row in frauds
    )
    known = everything[gather.DELAY_DAYS.index(7)]
    assert known == pytest.approx(week / len(frauds), abs=1e-6)


def test_distances_count_payments_in_person(run, rows):
    bins = as_dicts(places.distance(run))
    in_person = [row for row in rows if row["channel"] in ("pos", "atm")]
    assert sum(bin_["genuine"] + bin_["fraud"] for bin_ in bins) == len(in_person)


def test_great_circle_of_london_to_leeds():
    ends = {"home_lat": 51.5074, "home_lon": -0.1278, "lat": 53.8008, "lon": -1.5491}
    (km,) = pl.DataFrame([ends]).select(places._great_circle_km()).row(0)
    assert km == pytest.approx(272.3, abs=0.5)  # 169 miles, as atlases give it


def test_map_adds_up_to_customers_and_payments(run, rows, dataset):
    dots = as_dicts(places.places(run))
    homes = [dot for dot in dots if dot["kind"] == "homes"]
    victims = {row["customer_id"] for row in rows if row["label"]}
    assert sum(dot["total"] for dot in homes) == dataset.row_counts["customers"]
    assert sum(dot["hit"] for dot in homes) == len(victims)
    assert homes[0]["city"] == "London"


def test_campaigns_are_few_and_ids_are_short(run, town):
    acts = as_dicts(campaigns.campaigns(run))
    shown = {(act["attack"], act["campaign"]) for act in acts}
    assert Counter(attack for attack, _ in shown) == dict.fromkeys(town.ATTACKS, 2)
    assert max(Counter(act["campaign"] for act in acts).values()) <= campaigns.ROWS_DRAWN
    assert all(len(act["campaign"]) == 5 for act in acts)


def test_a_scenario_of_many_patterns_shows_a_limited_number_of_campaigns(town, tmp_path):
    many = {f"pattern_{i:02d}": (("only",), "ecom") for i in range(30)}
    run = open_run(town.write_town(tmp_path / "many", payments=50, attacks=many))
    shown = {row[:2] for row in campaigns.campaigns(run).rows}
    assert len(shown) == campaigns.CAMPAIGNS_DRAWN


def test_a_run_without_fraud_says_so(town, tmp_path):
    run = open_run(town.write_town(tmp_path / "calm", payments=300, attacks={}))
    for make in (gather.attacks, gather.delay, campaigns.campaigns):
        chart = make(run)
        assert not chart.rows
        assert chart.absent == gather.NO_FRAUD
    assert "no fraud" in gather.daily(run).reading
    assert [fact.value for fact in summary(run).facts if fact.label == "Victims"] == ["0"]


def test_a_run_without_payments_has_no_charts_but_a_head(town, tmp_path):
    run = open_run(town.write_town(tmp_path / "empty", payments=0, attacks={}))
    for make in (gather.daily, gather.hours, gather.amounts, gather.channels, gather.responses,
                 places.distance):  # fmt: skip
        assert not make(run).rows
    assert summary(run).facts


def test_payments_leave_out_what_comes_in_and_what_stays_inside(dataset):
    class Changed:
        path, manifest = dataset.path, dataset.manifest

        def table(self, name):
            table = dataset.table(name)
            if name != "transactions":
                return table
            first, second = table.head(2).collect()["tx_id"]
            tx_id = pl.col("tx_id")
            direction = pl.when(tx_id == first).then(pl.lit("credit")).otherwise("direction")
            rail = pl.when(tx_id == second).then(pl.lit("internal")).otherwise("rail")
            return table.with_columns(direction=direction, rail=rail)

    assert (
        open_run(Changed()).payments.collect().height
        == open_run(dataset).payments.collect().height - 2
    )


def changed_scenario(dataset, **changes):
    scenario = dataset.manifest.scenario | changes
    manifest = dataset.manifest.model_copy(update={"scenario": scenario})
    return type(dataset)(dataset.path, manifest)


def test_other_currency_is_an_error(dataset):
    euro = dataset.manifest.scenario["population"] | {"currency": "EUR"}
    with pytest.raises(FraudsimError, match="holds GBP, the scenario says EUR"):
        open_run(changed_scenario(dataset, population=euro))


def test_unknown_time_zone_is_an_error(dataset):
    moon = dataset.manifest.scenario["calendar"] | {"timezone": "Moon/Tycho"}
    with pytest.raises(UsageError, match=r"scenario\.calendar\.timezone: 'Moon/Tycho' is not"):
        open_run(changed_scenario(dataset, calendar=moon))


def test_local_times_of_campaigns_are_those_of_the_bank(run, dataset):
    times = {act["time"] for act in as_dicts(campaigns.campaigns(run))}
    frauds = dataset.labels.join(dataset.transactions, on="tx_id").collect()["event_time"].to_list()
    london = {t.astimezone(ZoneInfo("Europe/London")).strftime("%Y-%m-%d %H:%M") for t in frauds}
    assert times <= london
