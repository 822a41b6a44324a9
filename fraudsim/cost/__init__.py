"""What a run would come to, before anything of it is made: ``fraudsim simulate --dry-run``."""

from fraudsim.cost.dry_run import Estimate, estimate

__all__ = ["Estimate", "estimate"]
