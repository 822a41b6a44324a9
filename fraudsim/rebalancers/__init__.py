"""Ways to make a balanced training set, one per file; see ``fraudsim.rebalancers.base``."""
