"""Networks of detectors; every module imports torch, so it is imported where it is used."""
