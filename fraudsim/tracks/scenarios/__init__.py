"""The scenarios of the worlds of the tracks."""
