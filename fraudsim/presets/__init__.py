"""Scenarios by name: each ``NAME.yaml`` in this folder is the preset ``NAME``."""
