"""Installing the app into further workspaces: Bolt's OAuth flow on our own tables."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.adapter.starlette.handler import to_starlette_response
from slack_bolt.error import BoltError
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk.oauth.installation_store import Installation, InstallationStore
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.state_store import OAuthStateStore
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import workspaces
from finops.errors import CostsError
from storage import workspaces as kept
from storage.database import transaction
from storage.models import WorkspaceState
from storage.settings import settings

INSTALL, BACK = "/slack/install", "/slack/oauth_redirect"
MANIFEST = Path(__file__).resolve().parent.parent / "manifest.json"
WHY = {
    "access_denied": "It was not installed: somebody cancelled it.",
    "invalid_browser": "This is not the browser in which it was begun, or it takes no cookies: begin anew.",
    "invalid_state": "This took longer than ten minutes, or was done already: begin anew.",
    "no_ticket": "This address was used already, or is older than an hour: `costs workspaces connect` makes another.",
}
ORGANIZATION = (
    "Each workspace that an administrator adds the app to is listed by `costs workspaces list` once somebody has asked "
    "there, and is answered when it was admitted."
)
log = logging.getLogger(__name__)


def is_set_up() -> bool:
    """Whether further workspaces can be installed."""
    held = settings()
    return bool(held.slack_client_id and held.slack_client_secret and held.costs_token_keys)


class States(OAuthStateStore):
    """Bolt's store of states, each good for one return within ten minutes."""

    @property
    def logger(self) -> logging.Logger:
        """Where it complains."""
        return log

    def issue(self, *args: object, **kwargs: str | None) -> str:
        """Return a state, of an installation that is begun with a `ticket` or without."""
        del args
        with transaction() as session:
            return kept.issue(session, ticket=kwargs.get("ticket"))

    def consume(self, state: str) -> bool:
        """Use one up."""
        with transaction() as session:
            return kept.consume(session, state)


class Installations(InstallationStore):
    """Bolt's store of installations: one bot a workspace or a whole organization, its tokens encrypted."""

    @property
    def logger(self) -> logging.Logger:
        """Where it complains."""
        return log

    def save(self, installation: Installation) -> None:
        """Keep one that waits to be admitted. Raises CostsError."""
        keep(installation, admitted_by=None)

    def find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """Return the bot of a workspace that is admitted, be its token its organization's."""
        found = workspaces.access(team_id or "")
        if found is None or (is_enterprise_install and not found.by_organization):
            return None
        return Bot(
            team_id=found.workspace, enterprise_id=enterprise_id, bot_token=found.token, bot_id=found.bot_id or "",
            bot_user_id=found.bot_user or "", installed_at=0.0,
        )  # fmt: skip

    def delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forget a workspace's tokens, or without one an organization's."""
        with transaction() as session:
            if team_id:
                kept.end(session, team_id)
            else:
                kept.end_organization(session, enterprise_id or "")


def keep(installation: Installation, *, admitted_by: str | None) -> None:
    """Keep what Slack told of an installation. Raises CostsError."""
    where, name = _place(installation)
    if not where or not installation.bot_token:
        message = "Slack did not say where it was installed: begin anew."
        raise CostsError(message)
    ends = installation.bot_token_expires_at
    installed = kept.Installed(
        workspace=where, name=name or where,
        token=installation.bot_token, installed_by=installation.user_id, enterprise=installation.enterprise_id,
        refresh_token=installation.bot_refresh_token, bot_id=installation.bot_id, bot_user=installation.bot_user_id,
        expires_at=datetime.fromtimestamp(float(ends), UTC) if ends else None,
        scopes=",".join(installation.bot_scopes or ()),
    )  # fmt: skip
    with transaction() as session:
        kept.save(session, installed, admitted_by=admitted_by)


def _place(installation: Installation) -> tuple[str | None, str | None]:
    """Return the id and the name of the workspace, or of the organization that it was installed for as a whole."""
    if installation.is_enterprise_install:
        return installation.enterprise_id, installation.enterprise_name
    return installation.team_id, installation.team_name


class Flow(OAuthFlow):
    """Bolt's flow, with the ticket of whoever set this up."""

    def issue_new_state(self, request: BoltRequest) -> str:
        """Begin an installation."""
        return States().issue(ticket=_one(request, "ticket"))

    def store_installation(self, request: BoltRequest, installation: Installation) -> None:
        """Keep it; with a ticket it is admitted at once. Raises BoltError."""
        try:
            with transaction() as session:
                admitted_by = kept.admits(session, _one(request, "state") or "")
            keep(installation, admitted_by=admitted_by)
        except CostsError as error:
            raise BoltError(str(error)) from error


def _one(request: BoltRequest, name: str) -> str | None:
    return next(iter(request.query.get(name, ())), None)


@cache
def _flow(client_id: str, secret: str, address: str) -> Flow:
    scopes = json.loads(MANIFEST.read_text())["oauth_config"]["scopes"]["bot"]
    return Flow(
        client=workspaces.speaker(),
        settings=OAuthSettings(
            client_id=client_id, client_secret=secret, scopes=scopes, redirect_uri=address + BACK, install_path=INSTALL,
            redirect_uri_path=BACK, installation_store=Installations(), state_store=States(),
            callback_options=CallbackOptions(success=_installed, failure=_not_installed),
        ),
    )  # fmt: skip


def flow() -> Flow | None:
    """Return the flow, or None where it is not set up."""
    held = settings()
    if not is_set_up() or held.slack_client_id is None or held.slack_client_secret is None:
        return None
    return _flow(held.slack_client_id, held.slack_client_secret.get_secret_value(), held.public_url)


def _installed(given: SuccessArgs) -> BoltResponse:
    workspace = _place(given.installation)[0] or ""
    with transaction() as session:
        row = kept.find(session, workspace)
    name = row.name if row else workspace
    if row is not None and row.is_organization:
        told = f"Costs is installed for the organization {name}. {ORGANIZATION}"
        return _page(200, told if row.state is WorkspaceState.ADMITTED else f"{told} {workspaces.waits(workspace)}")
    if row is not None and row.state is WorkspaceState.ADMITTED:
        return _page(200, f"Costs is installed in {name}: type /cost there.")
    return _page(200, f"Costs is installed in {name}, but answers nobody there yet. {workspaces.waits(workspace)}")


def _not_installed(given: FailureArgs) -> BoltResponse:
    why = WHY.get(given.reason) or (str(given.error) if given.error else "Slack did not confirm it: begin anew.")
    return _page(given.suggested_status_code, why)


def _page(status: int, words: str) -> BoltResponse:
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>Costs</title><style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;"
        f"max-width:42rem;margin:3rem auto;padding:0 1rem}}</style><h1>Costs</h1><p>{escape(words)}"
    )
    return BoltResponse(status=status, body=body, headers={"content-type": "text/html; charset=utf-8"})


async def _install(request: Request) -> Response:
    return await run_in_threadpool(_served, request, begin)


async def _back(request: Request) -> Response:
    return await run_in_threadpool(_served, request, lambda found, asked: found.handle_callback(asked))


def begin(found: Flow, asked: BoltRequest) -> BoltResponse:
    """Show the button to Slack, unless the ticket is no good."""
    ticket = _one(asked, "ticket")
    with transaction() as session:
        good = ticket is None or kept.is_good(session, ticket)
    return found.handle_installation(asked) if good else _page(403, WHY["no_ticket"])


def _served(request: Request, does: Callable[[Flow, BoltRequest], BoltResponse]) -> Response:
    found = flow()
    if found is None:
        return to_starlette_response(_page(404, "Only one workspace is connected here."))
    headers: dict[str, str | Sequence[str]] = {name: [value] for name, value in request.headers.items()}
    answer = does(found, BoltRequest(body="", query=str(request.query_params), headers=headers))
    served = to_starlette_response(answer)
    served.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"})
    return served


def routes() -> list[Route]:
    """Return where an installation begins, and where Slack comes back to."""
    return [Route(INSTALL, _install), Route(BACK, _back)]
