"""An alert is one message whose notification makes sense alone."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot import announcements

ALERT = {"title": "A bill of <!here> was refused.", "text": "a.csv, row 2, column *Cost*: say `costs ingest`."}


def test_an_alert_says_what_happened_and_what_to_do(session: Session) -> None:
    """Foreign names in it call nobody and mark up nothing; code stays code."""
    text, blocks = announcements.draw(session, {"channel": None, "alert": ALERT})
    assert text.startswith("A bill of &lt;!here&gt; was refused. a.csv, row 2")
    [block] = [one.to_dict() for one in blocks]
    assert block["text"]["verbatim"]
    assert "\n" in block["text"]["text"]
    assert "`costs ingest`" in block["text"]["text"]
    assert "*Cost*" not in block["text"]["text"]
