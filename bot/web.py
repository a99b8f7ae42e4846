"""The web process: Slack over HTTP, the evidence pages, and whether all is well."""

from __future__ import annotations

import logging
import re
import signal
import socket
import uuid
from contextlib import suppress
from functools import partial

import uvicorn
from jinja2 import Environment
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bot import evidence_list, oauth, process
from bot.intake import Body, Intake, read
from finops.errors import CostsError, UnavailableError
from storage import accounts, artifacts, migrate
from storage.database import transaction
from storage.models import Artifact, Run
from storage.settings import settings

CSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""An evidence page shows foreign text; whatever slipped through must not run."""
GUARDED = {"Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
LATEST = 20
log = logging.getLogger(__name__)
BIGGEST = 1 << 20
"""Slack's payloads are some kilobytes; a megabyte is somebody else."""

_PAGE = Environment(autoescape=True).from_string(
    """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Costs</title><style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;
margin:3rem auto;padding:0 1rem}li{margin:.4rem 0}time{opacity:.7;white-space:nowrap}</style><h1>{{ title }}</h1>
{% if pages %}<p>The notebooks behind the numbers, newest first.</p><ul>{% for page, run in pages %}
<li><a href="/evidence/{{ page.id }}">{{ run.job.removeprefix("notebook:").replace("_", " ") }}</a>
{{ asked(run.parameters) }} <time>{{ run.started_at.strftime("%Y-%m-%d %H:%M UTC") }}</time>{% endfor %}</ul>
{% elif pages is defined %}<p>No notebook has run yet: <code>costs run analyse</code> runs them.</p>{% endif %}
</html>"""
)


def build(intake: Intake | None = None, *, signing_secret: str = "") -> Starlette:
    """Make the web application; without an intake and Slack's secret it serves the pages alone."""
    verifier = SignatureVerifier(signing_secret) if signing_secret else None

    async def events(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        if intake is None or verifier is None or not _is_signed(verifier, body, request):
            return Response(status_code=401)
        try:
            sent = read(body)
        except (ValueError, TypeError, RecursionError):  # signed, and yet not what Slack sends
            return Response(status_code=400)
        return await run_in_threadpool(_taken, intake, sent)

    return Starlette(
        routes=[
            Route("/slack/events", events, methods=["POST"]),
            *oauth.routes(),
            Route("/evidence/{artifact_id:uuid}", evidence),
            Route("/healthz", healthy),
            Route("/", index),
        ]
    )


async def _body(request: Request) -> bytes | None:
    """Read a body, but no more of it than Slack would send: nobody has been authenticated yet."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > BIGGEST:
            return None
    return body


def _is_signed(verifier: SignatureVerifier, body: bytes, request: Request) -> bool:
    """Whether Slack signed it, a moment ago.

    Bolt checks it too, but only once it has read the body, and an error on the way there would be told to the address
    that the body names. Nothing of a body counts before this.
    """
    stamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not re.fullmatch(r"[0-9]{1,12}", stamp) or not signature.isascii():
        return False
    try:
        return verifier.is_valid(body, stamp, signature)
    except UnicodeDecodeError:  # Slack writes UTF-8, and the verifier reads it before it compares
        return False


def _taken(intake: Intake, sent: Body) -> Response:
    """Take a delivery in. Without a database Slack is told so, and sends its events again."""
    try:
        answer = intake.take(sent)
    except CostsError as error:
        log.warning("not taken in: %s", error)
        return Response(status_code=503)
    return JSONResponse(answer.body, answer.status) if answer.body else Response(status_code=answer.status)


def evidence(request: Request) -> Response:
    """Show a page that a notebook left."""
    wanted: uuid.UUID = request.path_params["artifact_id"]
    with transaction() as session:
        found = session.get(Artifact, wanted)
    if found is None or found.media_type != "text/html":
        return HTMLResponse(_message("There is no such page."), status_code=404, headers=GUARDED)
    try:
        content = artifacts.load(found)
    except CostsError:
        return HTMLResponse(_message("This page is gone: its file is missing."), status_code=410, headers=GUARDED)
    return HTMLResponse(content, headers=GUARDED)


def _message(words: str) -> str:
    return _PAGE.render(title=words)


def healthy(request: Request) -> Response:
    """Say whether the database answers."""
    del request
    try:
        with transaction() as session:
            session.execute(text("select 1"))
    except (CostsError, SQLAlchemyError):
        return JSONResponse({"ok": False, "database": "does not answer"}, status_code=503)
    return JSONResponse({"ok": True, "database": "answers"})


def index(request: Request) -> Response:
    """List the latest evidence pages."""
    del request
    newest = select(Artifact, Run).join(Run, Run.id == Artifact.run_id).where(Artifact.media_type == "text/html")
    with transaction() as session:
        pages = session.execute(newest.order_by(Artifact.created_at.desc()).limit(LATEST)).all()
        asked = partial(evidence_list.asked, called=accounts.labels(session))
    return HTMLResponse(_PAGE.render(title="Evidence", pages=pages, asked=asked), headers=GUARDED)


def serve() -> None:
    """Run the web process until it is stopped. Raises UnavailableError for a port that is taken."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does: in order
    migrate.ensure()
    ears = _listen()
    given = settings().slack_signing_secret
    secret = given.get_secret_value().strip() if given else ""
    talking = process.start() if secret and (settings().slack_bot_token or oauth.is_set_up()) else None
    pages = build(talking.intake if talking else None, signing_secret=secret)
    config = uvicorn.Config(pages, log_level="warning", server_header=False)
    with suppress(KeyboardInterrupt):  # uvicorn repeats the signal once it has ended in order
        uvicorn.Server(config).run(sockets=[ears])
    if talking:
        talking.stop()


def _listen() -> socket.socket:
    host, port = settings().host, settings().port
    ears = socket.socket()
    ears.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        ears.bind((host, port))
    except OSError as error:
        ears.close()
        message = f"Cannot listen on {host}:{port} ({error.strerror}): set PORT or HOST to what is free."
        raise UnavailableError(message) from error
    return ears
