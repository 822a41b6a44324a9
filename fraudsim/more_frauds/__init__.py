"""More frauds to learn from: of a dataset's own world, or of another one for somebody's table."""

from fraudsim.more_frauds.other_world import OtherWorldFrauds, frauds_for_table
from fraudsim.more_frauds.own_world import MoreFrauds, more_frauds
from fraudsim.more_frauds.sources import source_for

__all__ = ["MoreFrauds", "OtherWorldFrauds", "frauds_for_table", "more_frauds", "source_for"]
