"""A worker process of a benchmark: it runs groups of trials that its parent names.

Started by ``fraudsim.tracks.workers``; not for use by hand.
"""

from __future__ import annotations

import os
import sys

from fraudsim.engine.processes import receive, send
from fraudsim.errors import FraudsimError
from fraudsim.tracks.group import run_group
from fraudsim.tracks.store import Store


def main() -> None:
    """Serve one benchmark: its folder, then groups, until the parent goes away."""
    inward = sys.stdin.buffer
    # the pipe is private: whatever prints goes to standard error
    outward = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    try:
        store = Store.opened(receive(inward))
        while True:
            group = receive(inward)
            try:
                for done in run_group(group, store):
                    send(outward, done)
            except FraudsimError as error:
                send(outward, error)
            send(outward, None)
    except (EOFError, BrokenPipeError):
        return  # the parent is gone, and with it the benchmark


if __name__ == "__main__":
    main()
