"""A worker process of a benchmark: it runs groups of trials that its parent names.

Started by ``fraudsim.tracks.workers``; not for use by hand.
"""

from __future__ import annotations

import os
import pickle
import sys

from fraudsim.errors import FraudsimError
from fraudsim.tracks.group import run_group
from fraudsim.tracks.store import Store


def main() -> None:
    """Serve one benchmark: its folder, then groups, until the parent goes away."""
    inward = sys.stdin.buffer
    # the pipe is private: whatever prints goes to standard error
    outward = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(message: object) -> None:
        pickle.dump(message, outward)
        outward.flush()

    try:
        # from our own parent, over its private pipe
        store = Store.opened(pickle.load(inward))  # noqa: S301
        while True:
            group = pickle.load(inward)  # noqa: S301
            try:
                for done in run_group(group, store):
                    say(done)
            except FraudsimError as error:
                say(error)
            say(None)
    except (EOFError, BrokenPipeError):
        return  # the parent is gone, and with it the benchmark


if __name__ == "__main__":
    main()
