"""What a person would type to carry a recommendation out, how to take it back, and where to look first.

Every id is shell-quoted for the command and percent-encoded for the address: names and tags are foreign text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from shlex import quote
from urllib.parse import quote as url_quote

from finops.recommendations.findings import RecommendationType
from finops.resources import Resource

Kind = RecommendationType


@dataclass(frozen=True, slots=True)
class Action:
    """A command, its undo and the provider's page of the resource."""

    command: str
    undo: str
    console_url: str


def action(kind: Kind, resource: Resource, *, new_size: str = "") -> Action | None:
    """Say how to do it with the provider's own tool, or None for a provider without one here."""
    build = _PROVIDERS.get(resource.provider)
    return build(kind, resource, new_size) if build else None


def _text(resource: Resource, name: str) -> str:
    return str(resource.metadata.get(name) or "")


def _aws(kind: Kind, resource: Resource, new_size: str) -> Action:
    region, one = quote(resource.region), quote(resource.resource_id)
    place = f"--region {region}"
    page = f"https://{url_quote(resource.region)}.console.aws.amazon.com/ec2/home?region={url_quote(resource.region)}#"
    machine = f"{page}InstanceDetails:instanceId={url_quote(resource.resource_id)}"
    start, stop = (f"aws ec2 {verb}-instances {place} --instance-ids {one}" for verb in ("start", "stop"))
    if kind is Kind.STOP_IDLE_MACHINE:
        return Action(stop, start, machine)
    if kind is Kind.RIGHTSIZE_MACHINE:
        apply, undo = (_aws_resize(place, one, size) for size in (new_size, resource.size))
        return Action(apply, undo, machine)
    if kind is Kind.DELETE_UNATTACHED_DISK:
        return _aws_disk(place, one, resource, f"{page}VolumeDetails:volumeId={url_quote(resource.resource_id)}")
    allocation, address = _text(resource, "allocation_id"), _text(resource, "address")
    return Action(
        f"aws ec2 release-address {place} --allocation-id {quote(allocation)}",
        f"aws ec2 allocate-address {place} --address {quote(address)}",  # gives it back unless someone else took it
        f"{page}ElasticIpDetails:AllocationId={url_quote(allocation)}",
    )


def _aws_resize(place: str, one: str, size: str) -> str:
    return (
        f"aws ec2 stop-instances {place} --instance-ids {one}"
        f" && aws ec2 wait instance-stopped {place} --instance-ids {one}"
        f" && aws ec2 modify-instance-attribute {place} --instance-id {one} --instance-type Value={quote(size)}"
        f" && aws ec2 start-instances {place} --instance-ids {one}"
    )


def _aws_disk(place: str, one: str, resource: Resource, page: str) -> Action:
    newest = (
        f"$(aws ec2 describe-snapshots {place} --owner-ids self --filters Name=volume-id,Values={one}"
        " --query 'sort_by(Snapshots,&StartTime)[-1].SnapshotId' --output text)"
    )
    return Action(
        f"snapshot=$(aws ec2 create-snapshot {place} --volume-id {one} --query SnapshotId --output text)"
        f' && aws ec2 wait snapshot-completed {place} --snapshot-ids "$snapshot"'
        f" && aws ec2 delete-volume {place} --volume-id {one}",
        f"aws ec2 create-volume {place} --availability-zone {quote(_text(resource, 'zone'))}"
        f' --volume-type {quote(_text(resource, "kind"))} --snapshot-id "{newest}"',
        page,
    )


def _azure(kind: Kind, resource: Resource, new_size: str) -> Action:
    one, name, group = quote(resource.resource_id), quote(resource.name), quote(_text(resource, "resource_group"))
    page = f"https://portal.azure.com/#@/resource{url_quote(resource.resource_id)}/overview"
    place = f"--resource-group {group} --name {name} --location {quote(resource.region)}"
    if kind is Kind.STOP_IDLE_MACHINE:
        return Action(f"az vm deallocate --ids {one}", f"az vm start --ids {one}", page)
    if kind is Kind.RIGHTSIZE_MACHINE:
        apply, undo = (f"az vm resize --ids {one} --size {quote(size)}" for size in (new_size, resource.size))
        return Action(apply, undo, page)
    if kind is Kind.DELETE_UNATTACHED_DISK:
        copy = quote(f"{resource.name}-before-delete")
        return Action(
            f"az snapshot create --resource-group {group} --name {copy} --source {one}"
            f" && az disk delete --ids {one} --yes",
            f"az disk create {place} --source {copy} --sku {quote(_text(resource, 'kind'))}",
            page,
        )
    # A released address does not come back; the undo makes a new one under the same name.
    return Action(
        f"az network public-ip delete --ids {one}",
        f"az network public-ip create {place} --sku {quote(_text(resource, 'kind') or 'Standard')}",
        page,
    )


def _gcp(kind: Kind, resource: Resource, new_size: str) -> Action:
    project, name, zone = quote(resource.sub_account_id), quote(resource.name), quote(_text(resource, "zone"))
    at = f"--project {project} --zone {zone}"
    base, ending = "https://console.cloud.google.com/compute", f"?project={url_quote(resource.sub_account_id)}"
    spot = f"zones/{url_quote(_text(resource, 'zone'))}"
    machine = f"{base}/instancesDetail/{spot}/instances/{url_quote(resource.name)}{ending}"
    start, stop = (f"gcloud compute instances {verb} {name} {at}" for verb in ("start", "stop"))
    if kind is Kind.STOP_IDLE_MACHINE:
        return Action(stop, start, machine)
    if kind is Kind.RIGHTSIZE_MACHINE:
        change = f"gcloud compute instances set-machine-type {name} {at} --machine-type"
        apply, undo = (f"{stop} && {change} {quote(size)} && {start}" for size in (new_size, resource.size))
        return Action(apply, undo, machine)
    if kind is Kind.DELETE_UNATTACHED_DISK:
        copy = quote(f"{resource.name}-before-delete")
        return Action(
            f"gcloud compute snapshots create {copy} --project {project} --source-disk {name} --source-disk-zone {zone}"
            f" && gcloud compute disks delete {name} {at} --quiet",
            f"gcloud compute disks create {name} {at} --source-snapshot {copy} --type {quote(_text(resource, 'kind'))}",
            f"{base}/disksDetail/{spot}/disks/{url_quote(resource.name)}{ending}",
        )
    where = f"{name} --project {project} --region {quote(resource.region)}"
    return Action(
        f"gcloud compute addresses delete {where} --quiet",
        f"gcloud compute addresses create {where}",
        f"https://console.cloud.google.com/networking/addresses/list{ending}",
    )


_PROVIDERS: dict[str, Callable[[Kind, Resource, str], Action]] = {"aws": _aws, "azure": _azure, "gcp": _gcp}
