"""The page opened in headless Chromium with the network closed: drawn, silent, and alone.

Skipped by name where Chromium is not installed; in CI that is a failure (see .ci/install-chromium).
"""

import base64
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FLAGS = (
    "--headless=new",
    "--no-sandbox",  # CI runs as root, which Chromium's sandbox refuses
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
# What Plot draws from data; axes and grids have other labels and do not count.
MARKS = ":is({}) :is(path, rect, circle)".format(
    ", ".join(f"g[aria-label={mark}]" for mark in ("rect", "bar", "cell", "area", "line", "dot"))
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        reason = "Chromium and chromedriver are not installed: run .ci/install-chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    session = webdriver.Chrome(options=options, service=Service(driver))
    yield session
    session.quit()


def opened(browser, page: Path, *, width: int = 1280, scheme: str = "light") -> None:
    """Open a page afresh: what was logged before is dropped."""
    for log in ("browser", "performance"):
        browser.get_log(log)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page.as_uri())


def faults(browser, page: Path) -> list[str]:
    """Return what is wrong with the opened page; nothing when charts are drawn and all is calm."""
    return [*undrawn(browser), *complaints(browser), *requests_but(browser, page)]


def undrawn(browser) -> list[str]:
    charts = browser.execute_script(
        "return [...document.querySelectorAll('.chart')].map(box => [box.dataset.chart, "
        "[...box.querySelectorAll('svg')].map(svg => svg.querySelectorAll(arguments[0]).length)])",
        MARKS,
    )
    empty = [name for name, marks in charts if not marks or min(marks) == 0]
    return [f"not drawn: {name}" for name in empty] if charts else ["the page has no charts"]


def complaints(browser) -> list[str]:
    log = browser.get_log("browser")
    return [entry["message"] for entry in log if entry["level"] in ("SEVERE", "WARNING")]


def requests_but(browser, page: Path) -> list[str]:
    log = browser.get_log("performance")
    messages = [json.loads(entry["message"])["message"] for entry in log]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
        # the browser's own first tab may still be loading
        and message["params"]["documentURL"] == page.as_uri()
    ]
    assert page.as_uri() in asked  # else the log is off and shows nothing
    return [f"request to {url}" for url in asked if url not in (page.as_uri(), "data:,")]


def screenshot(browser, path: Path) -> Path:
    size = browser.execute_script(
        "const page = document.documentElement; return [page.clientWidth, page.scrollHeight]"
    )
    clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
    shot = {"captureBeyondViewport": True, "clip": clip}
    path.write_bytes(
        base64.b64decode(browser.execute_cdp_cmd("Page.captureScreenshot", shot)["data"])
    )
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 420])
def test_every_chart_is_drawn_and_nothing_leaves_the_page(browser, full, tmp_path, width, scheme):
    opened(browser, full.path, width=width, scheme=scheme)
    assert faults(browser, full.path) == []
    assert screenshot(browser, tmp_path / f"report-{width}-{scheme}.png").stat().st_size > 100_000


@pytest.mark.parametrize("width", [1280, 420])
def test_nothing_is_wider_than_the_page(browser, full, width):
    opened(browser, full.path, width=width)
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width


def test_light_and_dark_differ(browser, full):
    papers = []
    for scheme in ("light", "dark"):
        opened(browser, full.path, scheme=scheme)
        papers.append(
            browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        )
    assert papers[0] != papers[1]


def test_charts_follow_the_width_of_the_window(browser, full):
    opened(browser, full.path, width=1280)
    size = {"width": 420, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    width = browser.execute_async_script(
        "const done = arguments[0];"
        "const svg = () => document.querySelector('[data-chart=daily] svg').width.baseVal.value;"
        "const wait = () => svg() < 420 ? done(svg()) : setTimeout(wait, 20); wait()"
    )
    assert width < 420


def test_figures_are_shown_on_request(browser, full):
    opened(browser, full.path)
    shown = browser.execute_async_script(
        "const done = arguments[0];"
        "const details = document.querySelector('[data-chart=channels]').parentElement"
        ".querySelector('details');"
        "details.addEventListener('toggle', () => setTimeout(() => done(details.innerText)));"
        "details.open = true"
    )
    assert "Fraud by value (bps)" in shown
    assert "online_banking" in shown


@pytest.mark.parametrize("chart", ["daily", "campaigns"])
def test_a_chart_without_its_data_is_noticed(browser, full, tmp_path, chart):
    text, found = re.subn(f'"{chart}":{{', f'"{chart}-gone":{{', full.path.read_text())
    assert found == 1
    broken = tmp_path / "broken.html"
    broken.write_text(text)
    opened(browser, broken)
    assert f"not drawn: {chart}" in (found := faults(browser, broken))
    assert any(f"chart {chart}: its data is missing" in fault for fault in found)


def test_axes_without_marks_are_noticed(browser, full, tmp_path):
    empty = tmp_path / "empty.html"
    drawing = 'Plot.rectY(rows, { ...bar, y: "genuine", fill: GENUINE, tip }), Plot.ruleY([0])'
    text = full.path.read_text()
    assert drawing in text
    empty.write_text(text.replace(drawing, ""))
    opened(browser, empty)
    assert faults(browser, empty) == ["not drawn: daily"]


def test_a_request_is_noticed_and_refused(browser, full, tmp_path):
    page = tmp_path / "leaky.html"
    leak = (
        '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><img src="http://example.com/x.png">'
    )
    page.write_text(full.path.read_text().replace("<footer>", leak + "<footer>"))
    opened(browser, page)
    assert any("violates the following Content Security Policy" in f for f in faults(browser, page))


def test_hostile_names_are_shown_and_do_nothing(browser, hostile_page, town):
    opened(browser, hostile_page)
    assert faults(browser, hostile_page) == []
    assert browser.execute_script("return document.querySelectorAll('img').length") == 0
    assert browser.execute_script("return document.querySelector('h1').textContent") == town.HOSTILE
    titles = browser.execute_script(
        "return [...document.querySelectorAll('[data-chart=campaigns] .panel-title')]"
        ".map(title => title.textContent)"
    )
    assert titles
    assert all(title.startswith(town.HOSTILE) for title in titles)


def test_without_scripts_there_are_tables(browser, full):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened(browser, full.path)
        tables = browser.find_elements("css selector", "noscript table")
        assert len(tables) == len(full.charts)
        assert all(table.is_displayed() for table in tables)
        assert not browser.find_element("css selector", ".chart").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
