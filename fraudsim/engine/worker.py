"""A worker process: it holds some of the blocks and answers its parent.

Started by ``fraudsim.engine.processes``; not for use by hand.
"""

from __future__ import annotations

import os
import sys

from fraudsim.engine.processes import receive, send
from fraudsim.engine.shard import Shard, answer


def main() -> None:
    """Serve one run: first the blocks to hold, then verbs until the parent goes away."""
    inward = sys.stdin.buffer
    # the pipe is private: whatever prints goes to standard error
    outward = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        shard = Shard(*receive(inward))
        while True:
            verb, arguments = receive(inward)
            send(outward, answer(shard, verb, arguments))
    except (EOFError, BrokenPipeError):
        return  # the parent is gone, and with it the run


if __name__ == "__main__":
    main()
