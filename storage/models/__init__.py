"""The tables. One file a subject; importing this package knows them all."""

from storage.models.accounts import NamedBy, SubAccountName
from storage.models.alerting import AlertDay, AlertRuleChange, AlertRuleRow, CostAlert, CostAlertEvent
from storage.models.anomalies import Anomaly, AnomalyFeedback
from storage.models.asking import AskedThread, ChannelScope
from storage.models.base import Base
from storage.models.bills import (
    CostRecord,
    Delivery,
    DeliveryStatus,
    FetchedVersion,
    Restatement,
    SkuName,
    Source,
    TagSet,
)
from storage.models.deciding import (
    ExecutionRequest,
    RecommendationApproval,
    RecommendationOffer,
    ResourceOwner,
    SavingsMeasurement,
    SavingsResult,
)
from storage.models.forecasts import ForecastModel, ModelState
from storage.models.known_events import KnownEventRow
from storage.models.money import ExchangeRate, ListPrice
from storage.models.recommendations import Recommendation, RecommendationEvent
from storage.models.resources import CloudResource, ResourceUtilization, UtilizationProfile
from storage.models.roles import RoleEvent, RoleGrant
from storage.models.rollups import CostRollup
from storage.models.slack import (
    Inbox,
    InboxState,
    OAuthState,
    OwnWorkspace,
    SlackPace,
    SurpriseError,
    Workspace,
    WorkspaceState,
)
from storage.models.subscriptions import Subscription
from storage.models.work import Artifact, Outbox, OutboxState, Outcome, Request, RequestState, Run, Slot

__all__ = [
    "AlertDay",
    "AlertRuleChange",
    "AlertRuleRow",
    "Anomaly",
    "AnomalyFeedback",
    "Artifact",
    "AskedThread",
    "Base",
    "ChannelScope",
    "CloudResource",
    "CostAlert",
    "CostAlertEvent",
    "CostRecord",
    "CostRollup",
    "Delivery",
    "DeliveryStatus",
    "ExchangeRate",
    "ExecutionRequest",
    "FetchedVersion",
    "ForecastModel",
    "Inbox",
    "InboxState",
    "KnownEventRow",
    "ListPrice",
    "ModelState",
    "NamedBy",
    "OAuthState",
    "Outbox",
    "OutboxState",
    "Outcome",
    "OwnWorkspace",
    "Recommendation",
    "RecommendationApproval",
    "RecommendationEvent",
    "RecommendationOffer",
    "Request",
    "RequestState",
    "ResourceOwner",
    "ResourceUtilization",
    "Restatement",
    "RoleEvent",
    "RoleGrant",
    "Run",
    "SavingsMeasurement",
    "SavingsResult",
    "SkuName",
    "SlackPace",
    "Slot",
    "Source",
    "SubAccountName",
    "Subscription",
    "SurpriseError",
    "TagSet",
    "UtilizationProfile",
    "Workspace",
    "WorkspaceState",
]
