"""A dataset as something else: SQL for PostgreSQL, a DuckDB file, CSV."""

from fraudsim.export.run import export

__all__ = ["export"]
