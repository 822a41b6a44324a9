"""Whether rebalancing helps: every method beside doing nothing, on the future as it is."""

from fraudsim.comparison.compare import compare_rebalancers

__all__ = ["compare_rebalancers"]
