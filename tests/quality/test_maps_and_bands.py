"""Maps of columns and bands: what they say, and what is said of a mistake in one."""

import polars as pl
import pytest

from fraudsim import cli
from fraudsim.cli import audit as audit_command
from fraudsim.errors import UsageError
from fraudsim.quality.bands import load_bands
from fraudsim.quality.check import GROUPS
from fraudsim.quality.column_map import load_map, map_names
from fraudsim.quality.of_table import subject_of_table

MAP = """
version: 1
name: mine
columns: {event_time: t, is_fraud: y, amount: a}
time: {unit: hours, start: 2020-01-01}
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "mine.csv"
    frame = pl.DataFrame(
        {"t": [5, 1, 3], "y": [1, 0, 0], "a": [100, 200, 300], "k": ["x", "y", "x"]}
    )
    frame.write_csv(path)
    return path


def subject(tmp_path, table, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return subject_of_table(table, path)


def test_every_map_that_comes_along_is_read_and_named_in_the_help(capsys):
    assert map_names() == sorted(audit_command.MAPS)
    for name in map_names():
        assert load_map(name).source
    assert cli.main(["audit", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert ", ".join(audit_command.MAPS) in text


def test_rows_come_in_order_of_time_under_our_names(tmp_path, table):
    opened = subject(tmp_path, table, MAP)
    assert opened.payments["amount"].to_list() == [200, 300, 100]
    assert opened.payments["event_time"].dt.hour().to_list() == [1, 3, 5]
    assert opened.position["row"].to_list() == [1, 2, 0]
    assert opened.has_dates
    assert opened.request_columns == ("a", "k")
    assert "y" not in opened.raw.columns


def test_units_values_and_zones(tmp_path, table):
    text = MAP + "amount_unit: minor\ntimezone: Europe/Brussels\n"
    text = text.replace("amount: a}", "amount: a, channel: k}")
    opened = subject(tmp_path, table, text + "values: {channel: {x: ecom, '*': pos}}\n")
    assert opened.payments["amount"].to_list() == [2, 3, 1]
    assert opened.payments["channel"].to_list() == ["pos", "ecom", "ecom"]
    assert opened.payments["local_time"].dt.hour().to_list() == [2, 4, 6]


def test_hours_without_a_start_are_no_dates(tmp_path, table):
    assert not subject(tmp_path, table, MAP.replace(", start: 2020-01-01", "")).has_dates


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("name: mine", "name: mine\ncolumn: {}"), "unknown key; did you mean 'columns'?"),
        (("amount: a", "amuont: a"), "no column 'amuont'; did you mean 'amount'?"),
        (("amount: a", "amount: aa"), "has no column 'aa', which the map 'mine' takes for amount"),
        (("is_fraud: y, ", ""), "say which column is is_fraud"),
        (("unit: hours", "unit: weeks"), "time.unit"),
        (("start: 2020-01-01", "format: x"), "format is for dates in text"),
        (("\ntime:", "\ntimezone: Mars\ntime:"), "no time zone 'Mars'"),
        (("\ntime:", "\nconstants: {channel: shop}\ntime:"), "channel: no value 'shop'"),
        (("amount: a", "channel: k"), "has the value 'x'; say in the map under values: channel"),
        (("amount: a", "amount: k"), "numbers were expected"),
        (("unit: hours, start: 2020-01-01", "unit: text"), "dates were expected"),
        (("version: 1", "version: 2"), "version"),
    ],
)
def test_a_mistake_in_a_map_is_one_line(tmp_path, table, change, message):
    with pytest.raises(UsageError) as raised:
        subject(tmp_path, table, MAP.replace(*change))
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_map_that_is_not_there_is_met_with_the_nearest():
    with pytest.raises(UsageError, match="no map 'sparkow'; did you mean 'sparkov'"):
        load_map("sparkow")


# Bands


BANDS = """
version: 1
shortcuts:
  - {id: shortcuts.single_feature_all, high: 0.6, source: mine}
"""


def test_our_bands_all_have_sources():
    bands = load_bands()
    assert bands.version == 1
    for entries in bands._layers:
        assert {entry.id.partition(".")[0] for entry in entries} <= set(GROUPS)
        assert all(len(entry.source) > 10 for entry in entries)


def test_ones_own_bands_go_first(tmp_path):
    path = tmp_path / "bands.yaml"
    path.write_text(BANDS)
    bands = load_bands(path)
    assert bands.find("shortcuts.single_feature_all", "cards").high == 0.6
    assert bands.find("shortcuts.single_feature_online", "cards").high == 0.75
    assert bands.find("shortcuts.unheard_of", "cards") is None


def test_the_longest_match_and_the_profile_win(tmp_path):
    path = tmp_path / "bands.yaml"
    path.write_text(
        "version: 1\nshortcuts:\n"
        "  - {id: shortcuts.s*, high: 1, source: family}\n"
        "  - {id: shortcuts.single*, high: 2, source: longer}\n"
        "  - {id: shortcuts.single*, profiles: [cards], high: 3, source: of the profile}\n"
        "  - {id: shortcuts.single_cut_all, profiles: [payments], source: taken away}\n"
    )
    find = load_bands(path).find
    assert find("shortcuts.single_x", "any").source == "longer"
    assert find("shortcuts.single_x", "cards").source == "of the profile"
    assert find("shortcuts.s", "cards").source == "family"
    assert find("shortcuts.single_cut_all", "payments") is None
    assert find("shortcuts.single_cut_all", "any").source == "longer"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("high", "hihg"), "unknown key; did you mean 'high'?"),
        (("source: mine", "source: ''"), "source"),
        (("high: 0.6", "high: 0.6, low: 0.9"), "should not fall"),
        (("shortcuts.single", "invariants.single"), "should begin with 'shortcuts.'"),
        (("shortcuts:", "shortcut:"), "unknown key; did you mean 'shortcuts'?"),
        (("version: 1", "version: 9"), "version"),
        ((", source: mine", ""), "the key is missing"),
    ],
)
def test_a_mistake_in_bands_is_one_line(tmp_path, change, message):
    path = tmp_path / "bands.yaml"
    path.write_text(BANDS.replace(*change))
    with pytest.raises(UsageError) as raised:
        load_bands(path)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
