"""Looks for what nobody uses, remembers what was found, and announces what is new: once, as one digest."""

from __future__ import annotations

from typing import Any

from finops.recommendations.results import IdleResult
from jobs import notebooks
from storage import outbox, posted, recommendations
from storage.artifacts import link
from storage.database import transaction

NOTEBOOK = "idle_resources"


def run() -> dict[str, Any]:
    """Run the notebook and write down its findings. Raises NoChargesError, NotebookFailedError."""
    ran = notebooks.run(NOTEBOOK, {})
    assert isinstance(ran.result, IdleResult)  # noqa: S101  the notebook's registered model
    findings = [one.finding() for one in ran.result.findings]
    with transaction() as session:
        opened = recommendations.record(session, findings, run_id=ran.run_id)
        if opened:
            digest = {"kind": "recommendations", "recommendation_ids": [str(one.id) for one in opened]}
            key = f"recommendations {ran.run_id} digest"
            outbox.put(session, key=key, kind=posted.KIND, payload={"channel": None, "digest": digest})
        new = len(opened)
    return {"found": len(findings), "new": new, "evidence": link(ran.page)}
