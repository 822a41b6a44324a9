"""A detector in another process gives the same scores; one that misbehaves approves payments."""

import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import polars as pl
import pytest

from fraudsim.detectors.base import FraudClassifier
from fraudsim.detectors.kit.http_endpoint import ALLOW_REMOTE, TIMEOUT, Address, HttpEndpoint
from fraudsim.detectors.kit.onnx_export import export_onnx
from fraudsim.detectors.kit.resolve import resolve
from fraudsim.detectors.kit.serve import serve
from fraudsim.detectors.lightgbm import LightGBMClassifier
from fraudsim.errors import UsageError

SERVE_FILE = """
import sys
from fraudsim.detectors.kit.serve import serve
server = serve(sys.argv[1])
print(server.url, flush=True)
server.serve_forever()
"""


@contextmanager
def running(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fitted(detector, past):
    return detector.build(seed=1, info=past.info).fit(past.with_keys, past.fraud)


def test_inside_in_a_file_and_in_another_process_are_the_same(tmp_path, past, future):
    pytest.importorskip("onnxruntime", reason="needs fraudsim[onnx]")
    inside = LightGBMClassifier(n_estimators=60).fit(past.features, past.fraud)
    export_onnx(inside, tmp_path / "model.onnx")
    file = resolve(str(tmp_path / "model.onnx")).build(seed=1, info=past.info)
    by_file = file.fit(past.features, past.fraud).predict_proba(future.features)[:, 1]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE_FILE, tmp_path / "model.onnx"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = process.stdout.readline().strip()
        detector = HttpEndpoint(url, timeout_s=20, batch=400)
        by_http = fitted(detector, past).predict_proba(future.with_keys)[:, 1]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    expected = inside.predict_proba(future.features)[:, 1]
    for scores in (by_file, by_http):
        assert scores == pytest.approx(expected, abs=1e-14)
        ranks = [np.argsort(np.round(one, 12), kind="stable") for one in (scores, expected)]
        assert (ranks[0] == ranks[1]).all()
    assert detector.notes(past.info) == ()


class Listening(FraudClassifier):
    """Remembers what it heard."""

    def __init__(self):
        self.heard = []

    def hear(self, X, y):  # noqa: N803 -- scikit-learn's names
        self.heard.append((X, y))

    def _fit(self, frame, fraud, weight):
        pass

    def _score(self, frame):
        return (frame["key_row"] % 2).to_numpy() / 2


def test_keys_and_labels_reach_a_server_that_wants_them(past, future):
    model = Listening().fit(past.with_keys, past.fraud)
    keys = dict(past.keys.schema)
    server = serve(model, schema=past.features.schema, keys=keys)
    with running(server):
        classifier = fitted(HttpEndpoint(server.url, timeout_s=20), past)
        scores = classifier.predict_proba(future.with_keys)[:, 1]
        classifier.hear(future.with_keys[:30], future.fraud[:30])
    assert (scores == (future.keys["key_row"] % 2).to_numpy() / 2).all()
    ((rows, labels),) = model.heard
    assert rows.equals(future.with_keys[:30])
    assert (labels == future.fraud[:30]).all()


def test_labels_are_not_sent_again_to_a_server_that_takes_none(past):
    inside = LightGBMClassifier(n_estimators=5).fit(past.features, past.fraud)
    with running(serve(inside, schema=past.features.schema)) as server:
        detector = HttpEndpoint(server.url, timeout_s=20)
        classifier = fitted(detector, past)
        classifier.hear(past.with_keys, past.fraud)
        assert not classifier.learner_
    assert detector.notes(past.info) == ()


class Answers(BaseHTTPRequestHandler):
    """Answers with what stands in ``server.content``, in as bad a way as asked for."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        asked = json.loads(self.rfile.read(length))
        if not asked["rows"]:  # the greeting
            self._send(200, b'{"scores": []}')
        elif self.server.way == "slow":
            self.server.held.wait(10)
            self.close_connection = True
        elif self.server.way == "drip":
            self._drip()
        else:
            self._send(self.server.status, self.server.content)

    def _drip(self):
        """Send a byte now and then, which renews the timeout of a socket."""
        self.close_connection = True
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            while not self.server.held.wait(0.05):
                self.wfile.write(b"x")
        except OSError:
            return

    def _send(self, status, content):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/score")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@contextmanager
def answering(content=b"", status=200, way="at once"):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    server.content, server.status, server.way = content, status, way
    server.held = threading.Event()
    try:
        with running(server):
            yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.held.set()


BROKEN = {
    "no JSON": (b"<html>", 200, "no JSON"),
    "no scores": (b'{"score": [1]}', 200, "no JSON"),
    "a list": (b"[0.5]", 200, "no JSON"),
    "too few": (b'{"scores": [0.5]}', 200, "not a score for each row"),
    "a number": (b'{"scores": 0.5}', 200, "not a score for each row"),
    "NaN": (b'{"scores": [NaN, NaN, NaN]}', 200, "not from 0 to 1"),
    "infinite": (b'{"scores": [Infinity, 0, 0]}', 200, "not from 0 to 1"),
    "null": (b'{"scores": [null, 0.1, 0.2]}', 200, "not from 0 to 1"),
    "too large": (b'{"scores": [2.0, 0.1, 0.2]}', 200, "not from 0 to 1"),
    "text": (b'{"scores": ["a", "b", "c"]}', 200, "no JSON"),
    "nested": (b"[" * 100_000, 200, "no JSON"),
    "endless": (b" " * ((1 << 20) + 9), 200, "too long an answer"),
    "an error": (b"{}", 500, "status 500"),
    "not there": (b"{}", 404, "no JSON"),
    "a redirect": (b"", 302, "status 302"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_approves_and_is_told(past, name):
    content, status, reason = BROKEN[name]
    with answering(content, status) as url:
        detector = HttpEndpoint(url, timeout_s=5, batch=3)
        scores = fitted(detector, past).predict_proba(past.with_keys[:6])[:, 1]
    assert (scores == 0).all()
    (note,) = detector.notes(past.info)
    assert "6 of 6 rows got no answer and count as approved (score 0)" in note
    assert reason in note


@pytest.mark.parametrize("way", ["slow", "drip"])
def test_a_late_answer_approves_and_is_told(past, way):
    with answering(way=way) as url:
        detector = HttpEndpoint(url, timeout_s=0.3, batch=3)
        classifier = fitted(detector, past)
        began = time.monotonic()
        scores = classifier.predict_proba(past.with_keys[:3])[:, 1]
        assert time.monotonic() - began < 3
    assert (scores == 0).all()
    assert "no answer in time: 3" in detector.notes(past.info)[0]


def test_a_server_that_goes_away_approves(past):
    inside = LightGBMClassifier(n_estimators=5).fit(past.features, past.fraud)
    with running(serve(inside, schema=past.features.schema)) as server:
        detector = HttpEndpoint(server.url, timeout_s=5)
        classifier = fitted(detector, past)
    assert (classifier.predict_proba(past.with_keys)[:, 1] == 0).all()
    assert "ConnectionRefusedError" in detector.notes(past.info)[0]


def test_nobody_there_at_all_is_an_error(past):
    with pytest.raises(UsageError, match=r"nobody answers at 127.0.0.1:1: start the server"):
        fitted(HttpEndpoint("http://127.0.0.1:1"), past)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://10.0.0.7:8000",
        "http://0.0.0.0:8000",
        "https://192.168.1.1/model",
        "http://127.0.0.1.example.com:80",
        "http://localhost.example.com",
        "http://[::ffff:8.8.8.8]:80",
        "http://2130706433:80",  # 127.0.0.1 as one number: read in more than one way
    ],
)
def test_other_machines_are_refused_unless_asked_for(url, monkeypatch):
    monkeypatch.delenv(ALLOW_REMOTE, raising=False)
    with pytest.raises(UsageError, match="is not this machine, and would be sent every payment"):
        resolve(url)
    monkeypatch.setenv(ALLOW_REMOTE, "1")
    assert resolve(url).address == Address.of(url, allow_remote=True)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8000", Address("127.0.0.1", 8000)),
        ("http://localhost:8000/", Address("127.0.0.1", 8000)),
        ("http://127.5.0.1/a/b/", Address("127.5.0.1", 80, "/a/b")),
        ("https://[::1]:9", Address("::1", 9, secure=True)),
    ],
)
def test_this_machine_has_many_names(url, address):
    assert Address.of(url) == address


@pytest.mark.parametrize("url", ["http://", "http://a@127.0.0.1", "http://127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(UsageError):
        Address.of(url)


def test_the_timeout_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv(TIMEOUT, "2.5")
    detector = resolve("http://127.0.0.1:8000")
    assert (detector.timeout_s, detector.name) == (2.5, "http_127_0_0_1_8000")
    monkeypatch.setenv(TIMEOUT, "soon")
    with pytest.raises(UsageError, match="a number of seconds, not 'soon'"):
        resolve("http://127.0.0.1:8000")
    monkeypatch.setenv(TIMEOUT, "0")
    with pytest.raises(UsageError, match="above 0"):
        resolve("http://127.0.0.1:8000")


# The server


def ask(server, body, path="/score"):
    connection = HTTPConnection(*server.server_address[:2], timeout=10)
    connection.request("POST", path, body)
    answer = connection.getresponse()
    content = json.loads(answer.read())
    connection.close()
    return answer.status, content


@pytest.fixture(scope="module")
def tree(past):
    inside = LightGBMClassifier(n_estimators=5).fit(past.features, past.fraud)
    with running(serve(inside, schema=past.features.schema)) as server:
        yield server


ROW = {"amount": 3.5, "gap": None, "new": True, "kind": "k1"}


def test_the_server_says_what_is_wrong(tree):
    assert ask(tree, json.dumps({"rows": [ROW]}))[0] == 200
    for asked, message in (
        (b"garbage", "Expecting value"),
        (b"[1]", "an object with 'rows'"),
        (b"{}", "'rows' should be a list of objects"),
        (json.dumps({"rows": [3]}), "'rows' should be a list of objects"),
        (json.dumps({"rows": [{"amount": 1}]}), "missing or too much: gap, kind, new"),
        (json.dumps({"rows": [{**ROW, "is_fraud": 1}]}), "missing or too much: is_fraud"),
        (json.dumps({"rows": [{**ROW, "amount": "much"}]}), "value of another type"),
    ):
        status, answer = ask(tree, asked)
        assert status == 400
        assert message in answer["error"]
    assert ask(tree, b"{}", "/nothing")[0] == 404
    assert ask(tree, b"{}", "/labels")[0] == 404  # it does not listen


def test_the_server_is_for_this_machine_alone(past):
    inside = LightGBMClassifier(n_estimators=5).fit(past.features, past.fraud)
    for host in ("0.0.0.0", "192.168.0.1", "example.com"):  # noqa: S104 -- it is refused
        with pytest.raises(UsageError, match="for this machine alone"):
            serve(inside, schema=past.features.schema, host=host)
    with pytest.raises(UsageError, match="columns are not known"):
        serve(inside)


def test_a_port_that_is_taken_is_told(tree, past):
    inside = LightGBMClassifier(n_estimators=5).fit(past.features, past.fraud)
    with pytest.raises(UsageError, match=r"cannot listen at 127.0.0.1"):
        serve(inside, schema=past.features.schema, port=tree.server_address[1])


def test_times_and_empty_batches_travel(past):
    from datetime import UTC, datetime

    from fraudsim.detectors.kit.http_endpoint import _json

    frame = pl.DataFrame({"at": [datetime(1970, 1, 2, tzinfo=UTC)], "x": [float("nan")]})
    assert json.loads(_json(frame)) == [{"at": 86_400_000_000, "x": None}]
    assert _json(frame.select()) == b"[]"
