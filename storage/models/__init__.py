"""The tables. One file a subject; importing this package knows them all."""

from storage.models.accounts import NamedBy, SubAccountName
from storage.models.anomalies import Anomaly, AnomalyFeedback
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
from storage.models.known_events import KnownEventRow
from storage.models.money import ExchangeRate, ListPrice
from storage.models.recommendations import Recommendation, RecommendationEvent
from storage.models.resources import CloudResource, ResourceUtilization, UtilizationProfile
from storage.models.rollups import CostRollup
from storage.models.slack import (
    Inbox,
    InboxState,
    OAuthState,
    SlackPace,
    SurpriseError,
    Workspace,
    WorkspaceState,
)
from storage.models.work import Artifact, Outbox, OutboxState, Outcome, Request, RequestState, Run, Slot

__all__ = [
    "Anomaly",
    "AnomalyFeedback",
    "Artifact",
    "Base",
    "CloudResource",
    "CostRecord",
    "CostRollup",
    "Delivery",
    "DeliveryStatus",
    "ExchangeRate",
    "FetchedVersion",
    "Inbox",
    "InboxState",
    "KnownEventRow",
    "ListPrice",
    "NamedBy",
    "OAuthState",
    "Outbox",
    "OutboxState",
    "Outcome",
    "Recommendation",
    "RecommendationEvent",
    "Request",
    "RequestState",
    "ResourceUtilization",
    "Restatement",
    "Run",
    "SkuName",
    "SlackPace",
    "Slot",
    "Source",
    "SubAccountName",
    "SurpriseError",
    "TagSet",
    "UtilizationProfile",
    "Workspace",
    "WorkspaceState",
]
