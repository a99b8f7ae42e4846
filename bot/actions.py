"""The names of buttons and forms."""

from enum import StrEnum


class Action(StrEnum):
    """A button's action id."""

    APPROVE = "recommendation_approve"
    DISMISS = "recommendation_dismiss"
    SNOOZE = "recommendation_snooze"
    REOPEN = "recommendation_reopen"
    ASSIGN = "recommendation_assign"
    ASK_OWNER = "recommendation_ask_owner"
    OWNER_KEEPS = "recommendation_owner_keeps"
    OWNER_AGREES = "recommendation_owner_agrees"
    DONE = "recommendation_done"
    BULK = "recommendations_bulk"
    PREVIOUS = "recommendations_previous"
    NEXT = "recommendations_next"
    KIND = "recommendations_kind"
    CHART = "answer_chart"
    SHARE = "answer_share"
    SHARE_NOW = "answer_share_now"
    ASK = "answer_ask"
    """Asks its value; several stand in a row, so a number follows it from the second on."""
    HOME_ASK = "home_ask"
    """As ASK, answered in direct messages."""
    HOME_CARD = "home_card"
    """Shows a recommendation's card in direct messages."""
    ANOMALY_EXPECTED = "anomaly_expected"
    ANOMALY_REAL = "anomaly_real"
    ANOMALY_FIXED = "anomaly_fixed"
    ALERT_ACKNOWLEDGE = "alert_acknowledge"
    ALERT_SNOOZE = "alert_snooze"
    ALERT_EXPECTED = "alert_expected"
    ALERT_ASSIGN = "alert_assign"
    ALERT_WHY = "alert_why"
    RULE_SAVE = "rule_save"
    RULE_CHANGE = "rule_change"
    RULE_CANCEL = "rule_cancel"


class Form(StrEnum):
    """A form's callback id."""

    DISMISS = "form_dismiss"
    SNOOZE = "form_snooze"
    ASSIGN = "form_assign"
    BULK = "form_bulk"
    ALERT_SNOOZE = "form_alert_snooze"
    ALERT_ASSIGN = "form_alert_assign"
    RULE = "form_rule"
