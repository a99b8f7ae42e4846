"""Questions, their charts, and sharing an answer."""

from __future__ import annotations

from datetime import UTC, datetime

from slack_bolt import Respond
from slack_sdk import WebClient

from bot import people, recommending
from bot.answers import CostAnswer, answer
from bot.blocks import answer as drawn
from bot.listeners.telling import Body, once_only, told
from bot.pictures import picture
from bot.questions import EXAMPLES, Kind, parse
from bot.wording import headline
from storage.database import transaction

_HELP = "*Ask for example:*\n" + "\n".join(f"`{f'/cost {words}'.strip()}`  {meaning}" for words, meaning in EXAMPLES)


def _asked(text: str) -> CostAnswer:
    with transaction() as session:
        return answer(session, parse(text, today=datetime.now(UTC).date()))


@told
def cost(body: Body, respond: Respond, client: WebClient) -> None:
    """Answer `/cost …`, visible to the asker."""
    del client
    text = body.get("text") or ""
    question = parse(text, today=datetime.now(UTC).date())
    if question.kind is Kind.HELP:
        respond(text=_HELP, response_type="ephemeral")
    elif question.kind is Kind.RECOMMENDATIONS:
        with transaction() as session:
            drawing, blocks = recommending.drawn(session, "recommendations", workspace=people.of(body).workspace)
        respond(text=drawing, blocks=blocks, response_type="ephemeral")
    else:
        found = _asked(text)
        respond(text=drawn.fallback(found), blocks=drawn.build(found), response_type="ephemeral")


@once_only
@told
def chart(body: Body, respond: Respond, client: WebClient) -> None:
    """Send the chart to the asker's direct messages: Slack shows no private file inside an ephemeral message."""
    found = _asked(body["actions"][0]["value"])
    direct = client.conversations_open(users=body["user"]["id"])["channel"]["id"]
    _upload(client, found, channel=direct)
    respond(text="The chart is in your direct messages.", response_type="ephemeral", replace_original=False)


@once_only
@told
def share(body: Body, respond: Respond, client: WebClient) -> None:
    """Post an answer to the channel, its chart in the thread."""
    del respond
    found = _asked(body["actions"][0]["value"])
    channel = body["channel"]["id"]
    blocks = drawn.build(found, share=False)
    posted = client.chat_postMessage(channel=channel, text=drawn.fallback(found), blocks=blocks)
    _upload(client, found, channel=channel, thread=str(posted["ts"]))


def _upload(client: WebClient, found: CostAnswer, *, channel: str, thread: str | None = None) -> None:
    client.files_upload_v2(
        channel=channel,
        thread_ts=thread,
        filename=f"costs-{found.start}-{found.end}.png",
        title=headline(found),
        alt_txt=headline(found),
        content=picture(found),
    )
