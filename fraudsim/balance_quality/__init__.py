"""Whether frauds that were made are like real ones, and whether they give real ones away."""

from fraudsim.balance_quality.judgement import Judgement, judge, judge_rebalancer
from fraudsim.balance_quality.made_rows import MadeRows, Sequences

__all__ = ["Judgement", "MadeRows", "Sequences", "judge", "judge_rebalancer"]
