"""What a repetition of the same delivery repeats."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def key(body: Mapping[str, Any]) -> str:
    """Return it.

    Of a form it is the form as it was shown, so that one sent twice by an impatient finger counts once.
    """
    view = body.get("view")
    if body.get("type") in ("view_submission", "view_closed") and isinstance(view, dict) and view.get("id"):
        return f"{body['type']} {view['id']} {view.get('hash', '')}"
    if isinstance(named := body.get("event_id") or body.get("trigger_id"), str):
        return named
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
