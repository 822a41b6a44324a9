"""The features of one payment at a time, with the values that a whole history would give.

One file per family, each beside the file of that name in ``fraudsim.features``, which says what its
columns are called and mean, in which order they stand and of which type they are.
"""

from fraudsim.features.online.replay import replay
from fraudsim.features.online.scorer import Online

__all__ = ["Online", "replay"]
