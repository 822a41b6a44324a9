"""Plugs in a detector that is another process: it answers HTTP on this machine.

``POST /score`` with ``{"rows": [{column: value, ...}, ...], "keys": [{"key_row": ...}, ...]}`` is
answered by ``{"scores": [...]}``, a number from 0 to 1 for each row. Between days, ``POST /labels``
with the same and ``"labels": [0, 1, ...]`` tells what has become known; a server that does not
learn may answer 404. What is null, or no number, is ``null``.

As at a bank, an answer that is late or broken approves the payment: its score is 0, and the notes
count how many rows went that way. Payments leave this machine only if that is asked for.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import numpy as np

from fraudsim.detectors.base import Detector, FeatureInfo, FraudClassifier
from fraudsim.detectors.kit.key_columns import without_keys
from fraudsim.encoding import as_frame
from fraudsim.errors import FraudsimError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from numpy.typing import NDArray

TIMEOUT_S = 1.0
"""How long a batch may take, from connecting to the last byte."""

BATCH = 1000
"""Rows of a request at most: some hundred kilobytes with seventy features."""

LONGEST_ANSWER = 1 << 20
"""Bytes; a thousand scores take some twenty thousand."""

LOCALHOST = "localhost"
ALLOW_REMOTE = "FRAUDSIM_ALLOW_REMOTE_DETECTORS"
TIMEOUT = "FRAUDSIM_DETECTOR_TIMEOUT_S"
"""Environment variables that ``resolve`` reads."""


class AnswerError(FraudsimError):
    """A server did not answer in time, or not as it should."""


@dataclass
class Tally:
    """How a server answered so far, in rows."""

    asked: int = 0
    unanswered: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def count_failure(self, rows: int, reason: str) -> None:
        """Count rows that got no answer."""
        self.unanswered += rows
        self.reasons[reason] = self.reasons.get(reason, 0) + rows


@dataclass(frozen=True)
class Address:
    """Where a server listens.

    Attributes:
        host: its name or number.
        port: its port.
        path: what stands before ``/score``.
        secure: whether it speaks TLS.
    """

    host: str
    port: int
    path: str = ""
    secure: bool = False

    @classmethod
    def of(cls, url: str, *, allow_remote: bool = False) -> Address:
        """Read a URL.

        Raises:
            UsageError: it is none, or is of another machine and ``allow_remote`` is false.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise UsageError(f"{url}: is no address: {error}") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{url}: an address like http://127.0.0.1:8000 was expected")
        if parts.username or parts.query or parts.fragment:
            raise UsageError(f"{url}: should have a host, a port and a path, and nothing else")
        if not allow_remote and not _is_this_machine(parts.hostname):
            raise UsageError(
                f"{url}: is not this machine, and would be sent every payment: name 127.0.0.1 or "
                f"localhost, or set {ALLOW_REMOTE}=1 if they may leave"
            )
        secure = parts.scheme == "https"
        return cls(
            host="127.0.0.1" if parts.hostname == LOCALHOST else parts.hostname,
            port=port or (443 if secure else 80),
            path=parts.path.rstrip("/"),
            secure=secure,
        )

    def post(self, name: str, body: bytes, timeout_s: float) -> bytes:
        """Send a body to ``name``; return the answer's, or nothing if there is no such name.

        Neither proxies nor redirects are followed.

        Raises:
            AnswerError: there is no answer in time, or another status than 200.
        """
        kind = HTTPSConnection if self.secure else HTTPConnection
        connection = kind(self.host, self.port, timeout=timeout_s)
        late = threading.Event()
        # a timeout of the socket starts anew with each byte: this one counts for the whole
        clock = threading.Timer(timeout_s, _cut, (connection, late))
        clock.daemon = True
        clock.start()
        try:
            answer = self._answer(connection, name, body)
        except (OSError, HTTPException) as error:
            timed_out = late.is_set() or isinstance(error, TimeoutError)
            reason = "no answer in time" if timed_out else f"no answer ({type(error).__name__})"
            raise AnswerError(reason) from error
        finally:
            clock.cancel()
            connection.close()
        if late.is_set():  # cut in the middle, which may look like a whole answer
            raise AnswerError("no answer in time")
        return answer

    def _answer(self, connection: HTTPConnection, name: str, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", f"{self.path}/{name}", body, headers)
        answer = connection.getresponse()
        if answer.status == 404:
            return b""
        if answer.status != 200:
            raise AnswerError(f"status {answer.status}")
        content = answer.read(LONGEST_ANSWER + 1)
        if len(content) > LONGEST_ANSWER:
            raise AnswerError("too long an answer")
        return content


class HttpEndpoint(Detector):
    """A detector behind HTTP; ``fraudsim.detectors.kit.naming.named`` gives it a name.

    Args:
        url: where it listens, like ``http://127.0.0.1:8000``.
        timeout_s: seconds that a batch may take.
        batch: rows of a request at most.
        allow_remote: whether it may be another machine.

    Raises:
        UsageError: the address is none, or of another machine.
    """

    name: ClassVar[str] = "http"
    summary: ClassVar[str] = "another process that answers POST /score"
    learns: ClassVar[bool] = False  # from what it is shown in training: it is shown nothing
    wants_keys: ClassVar[bool] = True
    in_order: ClassVar[bool] = True  # a server may remember what it was asked
    listens: ClassVar[bool] = True

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = TIMEOUT_S,
        batch: int = BATCH,
        allow_remote: bool = False,
    ) -> None:
        if not (np.isfinite(timeout_s) and timeout_s > 0) or batch < 1:
            raise UsageError("the timeout should be above 0 seconds, and a batch at least 1 row")
        self.address = Address.of(url, allow_remote=allow_remote)
        self.url = url
        self.timeout_s = timeout_s
        self.batch = batch
        self.tally = Tally()

    def build(self, *, seed: int, info: FeatureInfo) -> HttpClassifier:  # noqa: ARG002 -- what is random is over there
        """Return a classifier that asks the server."""
        return HttpClassifier(self.address, info.keys, self.timeout_s, self.batch, self.tally)

    def notes(self, info: FeatureInfo) -> tuple[str, ...]:  # noqa: ARG002 -- on any features
        """Say how many rows got no answer, of those asked about so far, and why."""
        if not self.tally.unanswered:
            return ()
        reasons = ", ".join(f"{why}: {n:,}" for why, n in sorted(self.tally.reasons.items()))
        share = f"{self.tally.unanswered:,} of {self.tally.asked:,} rows"
        return (f"{self.name}: {share} got no answer and count as approved (score 0): {reasons}",)


class HttpClassifier(FraudClassifier):
    """Scores by asking a server, batch by batch; is not trained.

    Args:
        address: where it listens.
        keys: the columns that are keys, not features.
        timeout_s: seconds that a batch may take.
        batch: rows of a request at most.
        tally: where to count how it answers.
    """

    learner_: bool

    def __init__(
        self,
        address: Address,
        keys: tuple[str, ...] = (),
        timeout_s: float = TIMEOUT_S,
        batch: int = BATCH,
        tally: Tally | None = None,
    ) -> None:
        """Keep the parameters, as scikit-learn asks."""
        self.address = address
        self.keys = keys
        self.timeout_s = timeout_s
        self.batch = batch
        self.tally = tally

    def hear(self, X: Any, y: Any) -> None:  # noqa: N803 -- scikit-learn's names
        """Send labels that have become known, until the server says that it takes none (404)."""
        labels = np.asarray(y).astype(np.int64)
        for rows, start in self._batches(as_frame(X)):
            if not self.learner_:
                return
            heard = json.dumps(labels[start : start + rows.height].tolist()).encode()
            try:
                body = self._body(rows, b', "labels": ' + heard)
                self.learner_ = bool(self.address.post("labels", body, self.timeout_s))
            except AnswerError as error:
                self._tally().count_failure(0, f"labels not taken ({error})")

    def _fit(
        self,
        frame: pl.DataFrame,  # noqa: ARG002 -- it was trained before
        fraud: NDArray[np.bool_],  # noqa: ARG002 -- same
        weight: NDArray[np.float64] | None,  # noqa: ARG002 -- same
    ) -> None:
        """Ask for no scores, to see that somebody is there.

        Raises:
            UsageError: nobody is.
        """
        self.learner_ = True
        try:
            self.address.post("score", b'{"rows": [], "keys": []}', self.timeout_s)
        except AnswerError as error:
            if isinstance(error.__cause__, ConnectionRefusedError):
                at = f"{self.address.host}:{self.address.port}"
                raise UsageError(f"nobody answers at {at}: start the server first") from error

    def _score(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        scores = np.zeros(frame.height)
        tally = self._tally()
        for rows, start in self._batches(frame):
            tally.asked += rows.height
            try:
                answer = self.address.post("score", self._body(rows, b""), self.timeout_s)
                scores[start : start + rows.height] = _scores_in(answer, rows.height)
            except AnswerError as error:
                tally.count_failure(rows.height, str(error))
        return scores

    def _batches(self, frame: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, int]]:
        for start in range(0, frame.height, self.batch):
            yield frame[start : start + self.batch], start

    def _body(self, rows: pl.DataFrame, more: bytes) -> bytes:
        keys = rows.select(name for name in rows.columns if name in self.keys)
        features = without_keys(rows, self.keys)
        return b'{"rows": %b, "keys": %b%b}' % (_json(features), _json(keys), more)

    def _tally(self) -> Tally:
        if self.tally is None:
            self.tally = Tally()
        return self.tally


def _json(rows: pl.DataFrame) -> bytes:
    """Return rows as a JSON list of objects: times as numbers, what is no number as null."""
    import polars as pl
    import polars.selectors as cs

    if not rows.width:
        return b"[]"
    floats = [pl.col(name) for name, dtype in rows.schema.items() if dtype.is_float()]
    plain = rows.with_columns(
        cs.temporal().to_physical(),
        *(pl.when(column.is_finite()).then(column) for column in floats),
    )
    return plain.write_json().encode()


def _scores_in(answer: bytes, rows: int) -> NDArray[np.float64]:
    """Return the scores of an answer.

    Raises:
        AnswerError: there is not a number from 0 to 1 for each row.
    """
    try:
        values = json.loads(answer)["scores"]
        scores = np.array(values, np.float64)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise AnswerError("no JSON with a list of numbers 'scores'") from error
    if scores.shape != (rows,):
        raise AnswerError("not a score for each row")
    if not ((scores >= 0) & (scores <= 1)).all():
        raise AnswerError("scores that are not from 0 to 1")
    return scores


def _is_this_machine(host: str) -> bool:
    """Return whether a host is a loopback number or ``localhost``; no name is looked up."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == LOCALHOST


def _cut(connection: HTTPConnection, late: threading.Event) -> None:
    late.set()
    if connection.sock is not None:
        try:
            connection.sock.shutdown(SHUT_RDWR)
        except OSError:
            return  # closed a moment ago
