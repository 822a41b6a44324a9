"""What rebalancers share: distances, interpolation, cleaning, shares by group."""
