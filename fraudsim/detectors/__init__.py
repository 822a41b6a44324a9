"""Detectors of fraud, one per file; see ``fraudsim.detectors.base``."""
