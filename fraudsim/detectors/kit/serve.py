"""A small server on this machine for a detector: what ``http_endpoint`` asks.

For trying things, not for a bank: one lock around the model, no TLS, no users.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from fraudsim.detectors.base import FraudClassifier
from fraudsim.detectors.kit.onnx_file import OnnxModel
from fraudsim.errors import FraudsimError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

LARGEST_BODY = 64 << 20
"""Bytes of a request at most."""

SILENCE_S = 30.0
"""After this long without a byte a connection is closed."""


class DetectorServer(ThreadingHTTPServer):
    """Answers ``POST /score`` and ``POST /labels`` about one model; made by ``serve``."""

    daemon_threads = True

    def __init__(
        self,
        at: tuple[str, int],
        score: Callable[[pl.DataFrame], NDArray[np.float64]],
        hear: Callable[[pl.DataFrame, NDArray[np.bool_]], None] | None,
        schema: Mapping[str, Any],
        keys: Mapping[str, Any],
    ) -> None:
        self.score = score
        self.hear = hear
        self.schema = dict(schema)
        self.keys = dict(keys)
        self.lock = threading.Lock()
        super().__init__(at, _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        shown = host.decode() if isinstance(host, bytes | bytearray) else str(host)
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"

    def answer(self, name: str, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the answer to a request, ``None`` if there is nothing of that name.

        Raises:
            UsageError: the request is not as it should be.
        """
        if name not in ("/score", "/labels") or (name == "/labels" and self.hear is None):
            return None
        rows = self._rows(asked)
        with self.lock:
            if name == "/score":
                return {"scores": self.score(rows).tolist() if rows.height else []}
            assert self.hear is not None
            labels = np.array(asked.get("labels"), np.bool_)
            if labels.shape != (rows.height,):
                raise UsageError("'labels' should be a list with 0 or 1 for each row")
            self.hear(rows, labels)
            return {"heard": rows.height}

    def _rows(self, asked: Mapping[str, Any]) -> pl.DataFrame:
        features = _table(asked.get("rows"), self.schema, "rows")
        if not self.keys:
            return features
        keys = _table(asked.get("keys"), self.keys, "keys")
        if keys.height != features.height:
            raise UsageError(f"{features.height:,} rows but {keys.height:,} keys")
        return pl.concat([features, keys], how="horizontal")


def serve(
    model: FraudClassifier | str | Path,
    *,
    schema: Mapping[str, Any] | None = None,
    keys: Mapping[str, Any] | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> DetectorServer:
    """Return a server that listens; ``serve_forever`` answers, ``shutdown`` ends it.

    Args:
        model: a classifier that was fitted, or the path of an ONNX file.
        schema: the columns that it takes and their polars types, in order (``frame.schema``); an
            ONNX file that we exported knows them.
        keys: key columns and their types, for a classifier that wants them.
        host: a loopback address.
        port: which; 0 takes one that is free (``url`` says which).

    Raises:
        UsageError: the model cannot be opened, its columns are not known, the address is of a
            network, or the port is taken.
    """
    _refuse_networks(host)
    hear = None
    if isinstance(model, FraudClassifier):
        score: Callable[[pl.DataFrame], NDArray[np.float64]] = _scorer(model)
        hear = model.hear if type(model).hear is not FraudClassifier.hear else None
    else:
        opened = OnnxModel(Path(model))
        schema, score = schema or opened.schema(), opened.score
    if schema is None:
        raise UsageError(
            "the columns are not known: give schema, column by column "
            "(an ONNX file says them in its metadata if fraudsim exported it)"
        )
    try:
        return DetectorServer((host, port), score, hear, schema, keys or {})
    except (OSError, OverflowError) as error:
        raise UsageError(f"cannot listen at {host}:{port}: {error}") from error


def _scorer(classifier: FraudClassifier) -> Callable[[pl.DataFrame], NDArray[np.float64]]:
    return lambda rows: classifier.predict_proba(rows)[:, 1]


def _refuse_networks(host: str) -> None:
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(
            f"{host}: the server is for this machine alone: use 127.0.0.1, and a proper web server "
            "in front if others are to reach it"
        )


def _table(rows: Any, schema: Mapping[str, Any], what: str) -> pl.DataFrame:
    """Return a list of objects as a table with the columns of a schema.

    Raises:
        UsageError: it is no such list, or an object has other columns.
    """
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError(f"'{what}' should be a list of objects, one for each row")
    odd = sorted({name for row in rows for name in row.keys() ^ schema.keys()})
    if odd:
        raise UsageError(
            f"'{what}' should have the columns {', '.join(schema)}; missing or too much: "
            f"{', '.join(odd)}"
        )
    try:
        return pl.DataFrame(rows, schema=dict(schema))
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"'{what}' has a value of another type: {error}") from error


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    server: DetectorServer
    protocol_version = "HTTP/1.1"
    timeout = SILENCE_S

    def do_POST(self) -> None:
        """Answer it."""
        try:
            answer = self.server.answer(self.path, self._asked())
        except (FraudsimError, ValueError, TypeError) as error:
            self._send(400, {"error": str(error)})
            return
        if answer is None:
            self._send(404, {"error": f"there is no {self.path[:80]} here: POST /score"})
        else:
            self._send(200, answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- http.server's name
        """Print nothing: payments do not belong in logs."""

    def _asked(self) -> dict[str, Any]:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= LARGEST_BODY:
            self.close_connection = True
            raise UsageError(f"a request may have {LARGEST_BODY:,} bytes: send fewer rows")
        asked = json.loads(self.rfile.read(length))
        if not isinstance(asked, dict):
            raise UsageError("an object with 'rows' was expected")
        return asked

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
