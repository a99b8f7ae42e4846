"""Google Cloud asked live: projects, everything in them by Cloud Asset Inventory, and how much they were used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from finops.resources import DailyUtilization, Resource
from jobs.providers.answers import BadAnswerError, Inventory
from jobs.providers.gcp import clients, inventory, metrics
from jobs.providers.gcp.items import PROVIDER, READERS, Place
from jobs.providers.gcp.metrics import Group
from jobs.sources import SourceEntry

if TYPE_CHECKING:
    from google.cloud.asset_v1 import AssetServiceClient
    from google.cloud.monitoring_v3 import MetricServiceClient
    from google.cloud.resourcemanager_v3 import Project

AT_ONCE = 1000
"""Assets a page, which is the most that Google gives."""
BATCH = 100
"""Things that are asked about in one question, so that so many and no more are held in memory."""
WINDOW = timedelta(days=21)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USED = ' AND metric.labels.state = "used"'


@dataclass(frozen=True, slots=True)
class Series:
    """Cloud Monitoring's answers about some things of one project, in the shape in which they are recorded."""

    client: MetricServiceClient
    project: str
    group: Group
    names: Sequence[str]
    """What Monitoring calls them."""
    end: datetime

    def pages(self, operation: str, **request: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        """Return every page of `timeSeries.list.ALIGNER`. Raises BadAnswerError, RefusedError."""
        aligner = operation.rpartition(".")[2]
        kinds: Iterable[str] = self.group.gauges
        step = HOUR
        if aligner == metrics.SUM:
            kinds, step = (kind for each in self.group.sums.values() for kind in each), DAY
        for kind in kinds:
            yield from self._pages(kind, aligner, step, **request)

    def _pages(self, kind: str, aligner: str, step: timedelta, **request: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        from google.cloud import monitoring_v3 as api  # noqa: PLC0415  slow, and only for those who use Google Cloud

        which = ", ".join(f'"{name}"' for name in self.names)
        asked = api.ListTimeSeriesRequest(
            name=f"projects/{self.project}",
            filter=f'metric.type = "{kind}" AND resource.labels.{self.group.label} = one_of({which})'
            + (USED if kind == metrics.MEMORY else ""),
            interval=api.TimeInterval(start_time=self.end - WINDOW, end_time=self.end),
            aggregation=api.Aggregation(alignment_period=step, per_series_aligner=aligner),
            view=api.ListTimeSeriesRequest.TimeSeriesView.FULL,
            **request,
        )
        with clients.asking(f"{kind} of {self.project}", needs="monitoring.timeSeries.list"):
            for page in self.client.list_time_series(asked, retry=clients.patiently()).pages:
                yield clients.told_in_json(page)


def live(entry: SourceEntry, *, at: datetime) -> Inventory:
    """Ask the projects of the entry, or all that the credentials see. Raises BadAnswerError, RefusedError."""
    found: list[Resource] = []
    used: list[DailyUtilization] = []
    known = projects(entry.accounts)
    with clients.asking("clients of assets and metrics"):
        assets, monitoring = clients.assets(), clients.metrics()
    for project in known:
        place = Place(project.project_id, project.name.removeprefix("projects/"), at)
        here = [one for one in listed(assets, place) if not entry.regions or one.region in entry.regions]
        found += (replace(one, metadata={"project": project.display_name} | one.metadata) for one in here)
        used += utilization(monitoring, place, here)
    regions: Sequence[str | None] = entry.regions or (None,)
    scopes = tuple((project.project_id, region) for project in known for region in regions)
    return Inventory(PROVIDER, scopes, tuple(found), tuple(used))


def projects(wanted: Sequence[str]) -> list[Project]:
    """Return the wanted projects, or all that are active. Raises BadAnswerError, RefusedError."""
    from google.cloud.resourcemanager_v3 import Project  # noqa: PLC0415  slow, as above

    with clients.asking("the list of projects", needs="resourcemanager.projects.get"):
        client, again = clients.projects(), clients.patiently()
        if wanted:
            return [client.get_project(name=f"projects/{one}", retry=again) for one in wanted]
        seen = [one for one in client.search_projects(retry=again) if one.state == Project.State.ACTIVE]
    if not seen:
        message = "Google shows no project to this identity: grant it the role of jobs/providers/gcp/role.yaml."
        raise BadAnswerError(message)
    return sorted(seen, key=lambda one: one.project_id)


def listed(client: AssetServiceClient, place: Place) -> Iterator[Resource]:
    """Return everything of a project that we know how to read, each thing once. Raises BadAnswerError, RefusedError."""
    from google.cloud.asset_v1 import ContentType, ListAssetsRequest  # noqa: PLC0415  slow, as above

    asked = ListAssetsRequest(
        parent=f"projects/{place.project}",
        asset_types=list(READERS),
        content_type=ContentType.RESOURCE,
        page_size=AT_ONCE,
    )
    seen: set[str] = set()
    with clients.asking(f"the assets of {place.project}", needs="cloudasset.assets.listResource"):
        for asset in client.list_assets(asked, retry=clients.patiently()):
            if asset.name in seen:
                message = f"Google named {asset.name} twice: nothing of the inventory is kept; it is asked again."
                raise BadAnswerError(message)
            seen.add(asset.name)
            item = clients.told_in_json(asset).get("resource", {}).get("data", {})
            one = inventory.read(asset.asset_type, item, replace(place, name=asset.name))
            if one:
                yield one


def utilization(client: MetricServiceClient, place: Place, found: Sequence[Resource]) -> Iterator[DailyUtilization]:
    """Return how much a project's things were used on the whole days of the last weeks. Raises BadAnswerError."""
    end = place.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for kind, group in metrics.GROUPS.items():
        things = [one for one in found if one.resource_type == kind and metrics.name(one)]
        for start in range(0, len(things), BATCH):
            asked = things[start : start + BATCH]
            names = sorted({metrics.name(one) or "" for one in asked})
            yield from metrics.utilization(Series(client, place.project, group, names, end), asked)
