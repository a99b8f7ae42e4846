"""AWS asked live: through the SDK's own stub, which checks every request against AWS's own description."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from jobs.providers.answers import BadAnswerError
from jobs.providers.aws import inventory, live
from jobs.sources import SourceEntry

botocore_stub = pytest.importorskip("botocore.stub")
AT = datetime(2026, 9, 18, 6, tzinfo=UTC)
MADE = datetime(2026, 1, 2, tzinfo=UTC)


def _entry(**more: Any) -> SourceEntry:  # noqa: ANN401
    return SourceEntry(name="aws", provider="aws", inventory="live", regions=("us-east-1",), **more)


class Session:
    """Hands out stubbed clients in place of ones with credentials."""

    def __init__(self) -> None:
        """Make the clients that an inventory needs."""
        import boto3  # noqa: PLC0415  slow

        key = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
        self.clients = {name: boto3.client(name, **key) for name in ("ec2", "cloudwatch")}
        self.stubs = {name: botocore_stub.Stubber(client) for name, client in self.clients.items()}
        for stub in self.stubs.values():
            stub.activate()

    def client(self, service: str, **_: Any) -> Any:  # noqa: ANN401  boto3 is published without types
        """Return the stubbed client."""
        return self.clients[service]


def test_a_region_is_asked_page_by_page() -> None:
    """Instances of two pages, volumes, addresses, and metrics with the labels that we ask for."""
    session = Session()
    instance = {"InstanceId": "i-1", "InstanceType": "m5.large", "LaunchTime": MADE, "State": {"Name": "running"},
                "Placement": {"AvailabilityZone": "us-east-1a"}}  # fmt: skip
    ec2, watch = session.stubs["ec2"], session.stubs["cloudwatch"]
    ec2.add_response("describe_instances", {"Reservations": [], "NextToken": "more"}, {})
    ec2.add_response("describe_instances", {"Reservations": [{"Instances": [instance]}]}, {"NextToken": "more"})
    ec2.add_response("describe_volumes", {"Volumes": []}, {})
    hours = [datetime(2026, 9, 17, hour, tzinfo=UTC) for hour in (0, 1)]
    results = [{"Id": "m0", "Label": f"i-1 CPUUtilization {kind}", "Timestamps": hours, "Values": [4.0, 6.0]}
               for kind in ("Average", "Maximum")]  # fmt: skip
    asked = {"MetricDataQueries": botocore_stub.ANY, "StartTime": datetime(2026, 8, 28, tzinfo=UTC),
             "EndTime": datetime(2026, 9, 18, tzinfo=UTC)}  # fmt: skip
    watch.add_response("get_metric_data", {"MetricDataResults": results}, asked)
    ec2.add_response("describe_addresses", {"Addresses": [{"PublicIp": "192.0.2.1", "AllocationId": "eipalloc-1"}]}, {})
    found = inventory.read(live.Live(session, "us-east-1"), "1", "us-east-1", at=AT)
    assert [one.resource_type for one in found.resources] == ["machine", "address"]
    assert [(row.metric, row.maximum, row.samples) for row in found.utilization] == [("cpu", 0.06, 2)]
    for stub in session.stubs.values():
        stub.assert_no_pending_responses()


def test_a_refusal_names_the_action_and_the_region() -> None:
    """So that a person knows what to allow."""
    session = Session()
    session.stubs["ec2"].add_client_error("describe_instances", "UnauthorizedOperation")
    told = r"AWS refused ec2:DescribeInstances in us-east-1 \(UnauthorizedOperation\)"
    with pytest.raises(BadAnswerError, match=told):
        inventory.read(live.Live(session, "us-east-1"), "1", "us-east-1", at=AT)


def test_an_absent_profile_is_told() -> None:
    """Credentials come from the SDK's own chain, and what it says is passed on."""
    with pytest.raises(BadAnswerError, match="AWS does not know these credentials"):
        live.live(_entry(profile="no-such-profile"), at=AT)
