"""What is wrong with recorded answers is told in a sentence, and never looks like nothing being there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.providers.answers import BadAnswerError, Recorded
from jobs.providers.aws import inventory as aws
from jobs.providers.azure import inventory as azure
from jobs.providers.gcp import inventory as gcp
from tests.jobs.providers.recording import (
    AT,
    aws_answers,
    gcp_answers,
    put,
)


def test_several_pages_are_one_answer(tmp_path: Path) -> None:
    """In the order of their names; the last says that no more follows."""
    put(tmp_path, **{"List-1": {"value": [1], "nextLink": "more"}, "List-2": {"value": [2]}, "Listing": {"value": [3]}})
    assert [page["value"] for page in Recorded(tmp_path).pages("List")] == [[1], [2]]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ('{"Reservations": [], "NextToken": "x"}', "is not the last page"),
        ('{"Reservations": [{"Instances": [{"InstanceId": "i-1"}]}]}', "DescribeInstances answered without"),
        ('{"Reservations": [7]}', "in a shape that is not its own"),
        ('{"Volumes": []}', "answered without 'Reservations'"),
        ('{"Error": {"Code": "UnauthorizedOperation"}}', "error instead of an answer .UnauthorizedOperation"),
        ("[]", "it is no object"),
        ('{"Reservations": [', "is no JSON"),
        ("", "is no JSON"),
        (None, "has no DescribeInstances.json"),
    ],
)
def test_a_wrong_answer_is_told_in_a_sentence(tmp_path: Path, answer: str | None, told: str) -> None:
    """A list that is absent, cut or refused must not look like nothing being there."""
    aws_answers(tmp_path)
    file = tmp_path / "012345678901" / "us-east-1" / "DescribeInstances.json"
    file.unlink() if answer is None else file.write_text(answer)
    with pytest.raises(BadAnswerError, match=told):
        aws.recorded(tmp_path, at=AT)


@pytest.mark.parametrize("read", [aws.recorded, azure.recorded, gcp.recorded])
def test_an_empty_or_absent_folder_is_told(tmp_path: Path, read: Any) -> None:  # noqa: ANN401  three functions
    """It says how the folder should look."""
    with pytest.raises(BadAnswerError, match="it needs a folder ACCOUNT"):
        read(tmp_path / "none", at=AT)


def test_a_refused_google_list_is_told(tmp_path: Path) -> None:
    """Google's errors carry a number."""
    refused = {"error": {"code": 403, "message": "Required compute.disks.list permission"}}
    with pytest.raises(BadAnswerError, match=r"error instead of an answer \(403\)"):
        gcp.recorded(gcp_answers(tmp_path, **{"disks.aggregatedList": refused}), at=AT)
