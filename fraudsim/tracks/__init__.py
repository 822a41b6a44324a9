"""Tracks: permanent, versioned courses over simulated worlds that all detectors run.

A track is a YAML file in this folder: a world, its seeds, a schedule, and arms, which are the ways
of running it that are compared. Its name ends in its version; what a name measures never changes,
so a change makes a new file. ``scenarios`` holds those of their worlds.
"""
