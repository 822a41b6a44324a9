"""A URL in an object store, by way of fsspec: ``s3://bucket/cards-7``.

There is no rename there, so files get their final names at once, and ``manifest.json`` comes last:
a place without it is no dataset. ``UNFINISHED`` stands there as long as the run goes on. It holds
the mark of the run that has the place, which takes the part of a lock: a run looks at it before it
seals anything, and stops when another run has resumed or replaced it.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from fraudsim.dataset_card import PAGE_NAMES
from fraudsim.errors import FraudsimError, TakenOverError, UsageError
from fraudsim.manifest import MANIFEST_NAME, is_data_path, names_in
from fraudsim.sinks.staging import CHECKPOINT_MARK, CHECKPOINT_NAME, UNFINISHED_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import IO

_MARK = "fraudsim is writing this dataset; the run is {token}\n"
# What fsspec would take for a pattern or a chain of stores, and what could lead elsewhere.
_TRICKS = re.compile(r"::|[*?\[\]#\\\x00-\x1f]|//|(^|/)\.\.?(/|$)")
_OF_A_CHECKPOINT = re.compile(
    rf"{CHECKPOINT_NAME}/({re.escape(CHECKPOINT_MARK)}|journal-\d{{5,}}\.npz"
    r"|day-\d{5,}/block-\d{5,}\.npz)",
    re.ASCII,
)


@dataclass(frozen=True)
class RemotePlace:
    """The place of the dataset ``url``; ``RemotePlace.at`` makes one.

    Only the URL and the mark are sent to other machines. Each of them connects by itself, with
    the credentials that it finds.
    """

    url: str
    token: str = field(compare=False, repr=False)

    @classmethod
    def at(cls, url: str) -> Self:
        """Return the place of ``url``.

        Raises:
            UsageError: it is no place for a dataset, or a package is missing.
        """
        place = cls(_checked(url), os.urandom(8).hex())
        _ = place._store  # says which package is missing before any work is done
        return place

    @property
    def out(self) -> str:
        """The URL."""
        return self.url

    def shown(self, name: str = "") -> str:
        """Return the URL of a file."""
        return f"{self.url}/{name}".rstrip("/")

    def everywhere(self) -> Self:
        """A URL means the same on every machine."""
        return self

    def begin(self, *, overwrite: bool, resume: bool) -> IO[bytes] | None:
        """Leave the mark of this run, when nothing is in the way."""
        present = self._listed()
        if resume:
            self._check_can_resume(present)
        elif present and not overwrite:
            raise UsageError(self._in_the_way(present))
        self._check_not_foreign(present)
        try:
            self._put(UNFINISHED_NAME, _MARK.format(token=self.token).encode())
        except FraudsimError as error:
            raise UsageError(str(error)) from error
        if not resume:
            self._clear(present)
        return None

    def seen_by(self, machine: str) -> None:
        """Check that the machine has the packages and credentials to see the mark."""
        try:
            self._check_is_ours()
        except FraudsimError as error:
            raise UsageError(f"the machine {machine} cannot write to the store: {error}") from error

    def write(self, name: str, data: memoryview) -> None:
        """Upload a file, in the place of any that a killed run left."""
        self._put(name, bytes(data))

    def seal(self, name: str, data: bytes) -> None:
        """Upload a file that counts, unless the place is another run's by now."""
        self._check_is_ours()
        self._put(name, data)

    def read(self, name: str) -> bytes:
        """Download a file."""
        try:
            data: bytes = self._store.cat_file(self._key(name))
        except OSError:
            raise
        except Exception as error:  # each store has errors of its own
            raise OSError(None, _first_line(error)) from error
        return data

    def files(self) -> dict[str, int]:
        """List what lies under the URL."""
        with self._named("list", ""):
            self._store.invalidate_cache()  # others write there, too
            found = self._store.find(self._key(""), detail=True)
        prefix = self._key("") + "/"
        return {
            path.removeprefix(prefix): int(about["size"])
            for path, about in sorted(found.items())
            if path.startswith(prefix)
        }

    def is_as_written(self, name: str, sha256: str) -> bool:  # noqa: ARG002 -- of any place
        """Trust the store: an upload is whole or absent, and nothing is downloaded again."""
        return True

    def remove(self, names: Collection[str]) -> None:
        """Remove files; the first by itself, the others in one request or a few."""
        paths = [self._key(name) for name in names]
        for some in (paths[:1], paths[1:]):
            if some:
                with self._named("remove", ""):
                    self._store.rm(some)

    def finish(self, *, overwrite: bool) -> None:  # noqa: ARG002 -- the old one went at the start
        """Take the mark away: the manifest is there."""
        self._check_is_ours()
        self.remove([UNFINISHED_NAME])

    def abandon(self) -> None:
        """Remove what is ours, the mark last."""
        try:
            self._check_is_ours()
            self._clear([name for name in self.files() if _is_of_a_run(name)])
            self.remove([UNFINISHED_NAME])
        except FraudsimError:
            return  # the mark is there: the next run refuses the place by name

    @property
    def _store(self) -> Any:
        return _store_of(self.url)

    def _key(self, name: str) -> str:
        path: str = self._store._strip_protocol(self.url)  # noqa: SLF001 -- fsspec's for authors
        return f"{path}/{name}".rstrip("/")

    def _clear(self, names: Collection[str]) -> None:
        """Remove all but the mark; what makes it a dataset first: half of one is none."""
        names = [name for name in names if name != UNFINISHED_NAME]
        self.remove(sorted(names, key=lambda name: (name != MANIFEST_NAME, name)))

    def _listed(self) -> dict[str, int]:
        try:
            return self.files()
        except FraudsimError as error:
            raise UsageError(str(error)) from error

    def _put(self, name: str, data: bytes) -> None:
        with self._named("write", name):
            self._store.pipe_file(self._key(name), data)

    def _check_is_ours(self) -> None:
        with self._named("read", UNFINISHED_NAME):
            mark = self.read(UNFINISHED_NAME)
        if mark != _MARK.format(token=self.token).encode():
            raise TakenOverError(
                f"another run has taken {self.url} over; this one stops and leaves it alone"
            )

    def _check_can_resume(self, present: Collection[str]) -> None:
        if UNFINISHED_NAME not in present:
            raise UsageError(
                f"{self.url}: there is no killed run to resume (no {UNFINISHED_NAME}); "
                "leave out --resume to start one"
            )

    def _in_the_way(self, present: Collection[str]) -> str:
        if MANIFEST_NAME in present and UNFINISHED_NAME not in present:
            return f"{self.url} exists; choose another place or pass --overwrite"
        if UNFINISHED_NAME in present:
            return (
                f"{self.url} is left from a run that was killed or is still going; "
                "go on with simulate --resume, or remove it or pass --overwrite"
            )
        return f"{self.url} is not empty; choose another place"

    def _check_not_foreign(self, present: Collection[str]) -> None:
        """Refuse to remove or to write among what no run of fraudsim has written.

        Raises:
            UsageError: naming what would have been lost.
        """
        ours = {name for name in present if _is_of_a_run(name)}
        if UNFINISHED_NAME not in present:
            ours = {MANIFEST_NAME, *PAGE_NAMES} if MANIFEST_NAME in present else set()
            if ours:
                with self._named("read", MANIFEST_NAME):
                    ours |= names_in(self.read(MANIFEST_NAME), self.shown(MANIFEST_NAME))
        foreign = sorted(set(present) - ours)
        if foreign:
            raise UsageError(
                f"{self.url} holds {foreign[0]}, which is no part of a fraudsim dataset; "
                "move it away or choose another place"
            )

    @contextmanager
    def _named(self, verb: str, name: str) -> Iterator[None]:
        """Turn any error of a store, whose kinds differ from one to the other, into one line."""
        try:
            yield
        except FraudsimError:
            raise
        except Exception as error:
            why = _first_line(error)
            raise FraudsimError(f"cannot {verb} {self.shown(name)}: {why}") from error


def _checked(url: str) -> str:
    """Return the URL without a slash at its end, if it names a place below a bucket."""
    protocol, _, path = url.partition("://")
    path = path.rstrip("/")
    if not path or _TRICKS.search(path) or not re.fullmatch(r"[a-z][a-z0-9+.-]*", protocol):
        raise UsageError(
            f"{url}: a place in an object store is like s3://bucket/name, with no '..', no "
            "empty part and none of * ? [ ] # \\ ::"
        )
    if protocol in ("file", "local"):
        raise UsageError(f"{url}: a folder is named by its path: /{path.lstrip('/')}")
    if "/" not in path and protocol != "memory":
        raise UsageError(
            f"{url} is a whole bucket: give a name in it, like {protocol}://{path}/world"
        )
    return f"{protocol}://{path}"


def _store_of(url: str) -> Any:
    """Return the file system of fsspec, which keeps one for each process.

    Raises:
        UsageError: a package is missing, or nobody knows the protocol.
    """
    protocol = url.partition("://")[0]
    try:
        import fsspec
    except ImportError:
        raise UsageError(
            f"{url}: object stores need the package fsspec: pip install 'fraudsim[remote]', and "
            "the package of the store: s3fs, gcsfs or adlfs"
        ) from None
    try:
        store, _ = fsspec.url_to_fs(url)
    except ImportError as error:  # fsspec knows which package it is
        raise UsageError(f"{url}: {_first_line(error)} (pip install it)") from error
    except ValueError as error:
        raise UsageError(f"{url}: fsspec knows no protocol '{protocol}'") from error
    except Exception as error:  # credentials, say
        raise UsageError(f"{url}: cannot connect: {_first_line(error)}") from error
    return store


def _is_of_a_run(name: str) -> bool:
    """Whether it is a name that a run gives."""
    return (
        name in (UNFINISHED_NAME, MANIFEST_NAME, *PAGE_NAMES)
        or is_data_path(name)
        or _OF_A_CHECKPOINT.fullmatch(name) is not None
    )


def _first_line(error: BaseException) -> str:
    """Return what an error says, in one line, or its kind if it says nothing."""
    said = getattr(error, "strerror", None) or str(error)
    return " ".join(said.split())[:300] or type(error).__name__
