"""The page opened in headless Chromium, driven and watched as the report is in its own tests.

Skipped by name where Chromium is not installed; in CI that is a failure (see .ci/install-chromium).
"""

import importlib.util
from pathlib import Path

import pytest

DRIVING = Path(__file__).parents[1] / "report" / "test_browser.py"
SPEC = importlib.util.spec_from_file_location("fraudsim_report_browser", DRIVING)
driving = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(driving)
browser = driving.browser
opened, faults, screenshot = driving.opened, driving.faults, driving.screenshot


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_every_chart_is_drawn_and_nothing_leaves_the_page(browser, full, tmp_path, width, scheme):
    opened(browser, full.path, width=width, scheme=scheme)
    assert faults(browser, full.path) == []
    boxes = "return [...document.querySelectorAll('.chart')].map(box => box.dataset.chart)"
    assert set(browser.execute_script(boxes)) == set(full.charts)
    shot = screenshot(browser, tmp_path / f"leaderboard-{width}-{scheme}.png")
    assert shot.stat().st_size > 100_000


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_is_wider_than_the_page(browser, full, width):
    opened(browser, full.path, width=width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_a_wide_page_shows_every_column_of_the_standings(browser, full):
    opened(browser, full.path, width=1280)
    hidden = browser.execute_script(
        "const frame = document.querySelector('.standings .wide');"
        "return frame.scrollWidth - frame.clientWidth"
    )
    assert hidden == 0


def test_paper_shows_the_standings_of_every_arm(browser, full):
    opened(browser, full.path, width=720)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        heights = browser.execute_script(
            "return [...document.querySelectorAll('table.standing')].map(one => one.offsetHeight)"
        )
        assert len(heights) > 7
        assert min(heights) > 50
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_hostile_names_are_shown_and_do_nothing(browser, hostile, made_up):
    opened(browser, hostile.path)
    assert faults(browser, hostile.path) == []
    assert browser.execute_script("return document.querySelectorAll('img').length") == 0
    titles = browser.execute_script(
        "return [...document.querySelectorAll('[data-chart^=curves] .panel-title')]"
        ".map(title => title.textContent.trim())"
    )
    assert made_up.HOSTILE in titles


def test_without_scripts_there_are_tables(browser, full):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened(browser, full.path)
        tables = browser.find_elements("css selector", "noscript table")
        assert len(tables) == len(full.charts)
        assert browser.find_element("css selector", "table.standing").is_displayed()
        assert not browser.find_element("css selector", ".chart").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
