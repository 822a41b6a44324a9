"""How hard the fraud is to find: for whom, with what, for how long."""
