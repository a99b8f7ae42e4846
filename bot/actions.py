"""The names of buttons."""

from enum import StrEnum


class Action(StrEnum):
    """A button's action id."""

    APPROVE = "recommendation_approve"
    DISMISS = "recommendation_dismiss"
    CHART = "answer_chart"
    SHARE = "answer_share"
    ANOMALY_EXPECTED = "anomaly_expected"
    ANOMALY_REAL = "anomaly_real"
    ANOMALY_FIXED = "anomaly_fixed"
