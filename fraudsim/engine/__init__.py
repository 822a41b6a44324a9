"""The engine: the Mesa model, where its blocks live, and what is written."""

from fraudsim.engine.run import simulate

__all__ = ["simulate"]
