"""The web process: Slack over HTTP, the evidence pages, and whether all is well."""

from __future__ import annotations

import logging
import signal
import socket
import uuid
from collections.abc import Sequence
from contextlib import suppress

import uvicorn
from jinja2 import Environment
from slack_bolt import App, BoltRequest, BoltResponse
from sqlalchemy import select, text
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bot import app as slack
from bot import deliver
from finops.errors import CostsError, UnavailableError
from storage import artifacts, migrate
from storage.database import transaction
from storage.models import Artifact, Run
from storage.settings import settings

CSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""An evidence page shows foreign text; whatever slipped through must not run."""
LATEST = 20
BIGGEST = 1 << 20
"""Slack's payloads are some kilobytes; a megabyte is somebody else."""

_INDEX = Environment(autoescape=True).from_string(
    """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Costs</title><style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;
margin:3rem auto;padding:0 1rem}li{margin:.4rem 0}time{opacity:.7}</style><h1>Evidence</h1>
{% if pages %}<p>The notebooks behind the numbers, newest first.</p><ul>{% for page, run in pages %}
<li><a href="/evidence/{{ page.id }}">{{ run.job.removeprefix("notebook:").replace("_", " ") }}</a>
<time>{{ run.started_at.strftime("%Y-%m-%d %H:%M UTC") }}</time>{% endfor %}</ul>
{% else %}<p>No notebook has run yet: <code>costs run analyse</code> runs them.</p>{% endif %}</html>"""
)


def build(app: App | None) -> Starlette:
    """Make the web application; without a Slack app it serves the pages alone."""

    async def events(request: Request) -> Response:
        return await _events(app, request)

    return Starlette(
        routes=[
            Route("/slack/events", events, methods=["POST"]),
            Route("/evidence/{artifact_id:uuid}", evidence),
            Route("/healthz", healthy),
            Route("/", index),
        ]
    )


async def _events(app: App | None, request: Request) -> Response:
    """Hand a request of Slack to Bolt; what cannot be signed is refused before anybody reads it."""
    stamp = request.headers.get("x-slack-request-timestamp", "")
    if app is None or not (stamp.isascii() and stamp.isdigit()):  # Bolt would raise on a malformed one
        return Response(status_code=401)
    body = await request.body()
    if len(body) > BIGGEST:
        return Response(status_code=413)
    headers: dict[str, str | Sequence[str]] = {name: [value] for name, value in request.headers.items()}
    asked = BoltRequest(body=body.decode(errors="replace"), query=str(request.query_params), headers=headers)
    answer: BoltResponse = await run_in_threadpool(app.dispatch, asked)
    return Response(answer.body, status_code=answer.status, media_type="application/json" if answer.body else None)


def evidence(request: Request) -> Response:
    """Show a page that a notebook left."""
    wanted: uuid.UUID = request.path_params["artifact_id"]
    with transaction() as session:
        found = session.get(Artifact, wanted)
    if found is None or found.media_type != "text/html":
        return HTMLResponse("<h1>No such page</h1>", status_code=404, headers={"Content-Security-Policy": CSP})
    try:
        content = artifacts.load(found)
    except CostsError:
        return HTMLResponse("<h1>This page is gone</h1>", status_code=410, headers={"Content-Security-Policy": CSP})
    headers = {"Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(content, headers=headers)


def healthy(request: Request) -> Response:
    """Say whether the database answers."""
    del request
    try:
        with transaction() as session:
            session.execute(text("select 1"))
    except CostsError:
        return JSONResponse({"ok": False}, status_code=503)
    return JSONResponse({"ok": True})


def index(request: Request) -> Response:
    """List the latest evidence pages."""
    del request
    newest = select(Artifact, Run).join(Run, Run.id == Artifact.run_id).where(Artifact.media_type == "text/html")
    with transaction() as session:
        pages = session.execute(newest.order_by(Artifact.created_at.desc()).limit(LATEST)).all()
    return HTMLResponse(_INDEX.render(pages=pages))


def serve() -> None:
    """Run the web process until it is stopped. Raises UnavailableError for a port that is taken."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does: in order
    migrate.ensure()
    ears = _listen()
    secret, stop = settings().slack_signing_secret, None
    app = None
    if secret and settings().slack_bot_token:
        app = slack.build(signing_secret=secret.get_secret_value())
        stop = deliver.run_in_background(app.client)
    config = uvicorn.Config(build(app), log_level="warning", server_header=False)
    with suppress(KeyboardInterrupt):  # uvicorn repeats the signal once it has ended in order
        uvicorn.Server(config).run(sockets=[ears])
    if stop:
        stop.set()


def _listen() -> socket.socket:
    host, port = settings().host, settings().port
    ears = socket.socket()
    ears.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        ears.bind((host, port))
    except OSError as error:
        message = f"Cannot listen on {host}:{port} ({error.strerror}): set PORT or HOST to what is free."
        raise UnavailableError(message) from error
    return ears
