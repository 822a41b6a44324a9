"""What a detector is worth: ranking, alerts within a budget, money, calibration, by attack.

Scores are compared on the future at its own share of fraud; nothing is resampled. Equal scores are
never told apart by the truth: rankings treat ties as one step, alerts break them by time.
"""

from fraudsim.metrics.alerts import (
    AccountAlerts,
    Alerts,
    Costs,
    alerts_by_account,
    alerts_in_budget,
    budget_metrics,
    daily_budget,
    money_saved,
    perfect_saving,
)
from fraudsim.metrics.calibration import (
    calibration_metrics,
    expected_calibration_error,
    prior_corrected,
)
from fraudsim.metrics.detection import Detection, detection, detection_metrics, unnoticed_curve
from fraudsim.metrics.fairness import false_positive_ratio, false_positive_shares
from fraudsim.metrics.ranking import (
    CURVE_POINTS,
    FALSE_POSITIVE_SHARE,
    LEVEL,
    REPLICATES,
    Order,
    account_draws,
    flagged_at,
    precision_recall_curve,
    ranking_intervals,
    ranking_metrics,
    recall_at,
    recall_per_attack,
    weighted_ranking,
)
from fraudsim.metrics.scored import Scored, rounded, scored

__all__ = [
    "CURVE_POINTS",
    "FALSE_POSITIVE_SHARE",
    "LEVEL",
    "REPLICATES",
    "AccountAlerts",
    "Alerts",
    "Costs",
    "Detection",
    "Order",
    "Scored",
    "account_draws",
    "alerts_by_account",
    "alerts_in_budget",
    "budget_metrics",
    "calibration_metrics",
    "daily_budget",
    "detection",
    "detection_metrics",
    "expected_calibration_error",
    "false_positive_ratio",
    "false_positive_shares",
    "flagged_at",
    "money_saved",
    "perfect_saving",
    "precision_recall_curve",
    "prior_corrected",
    "ranking_intervals",
    "ranking_metrics",
    "recall_at",
    "recall_per_attack",
    "rounded",
    "scored",
    "unnoticed_curve",
    "weighted_ranking",
]
