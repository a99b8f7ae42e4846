"""Every setting, read once from the environment (or a `.env` file). README documents each."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from finops.errors import BadSettingError


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, KeyError) as error:  # a path, a folder, an unknown one
        message = "it is no time zone: write one as Europe/Berlin"
        raise ValueError(message) from error


class Settings(BaseSettings):
    """The environment's values, checked. The names are the variables' names in lower case."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    costs_home: Path = Field(Path(".costs"), description="Folder of everything kept on this machine")
    database_url: SecretStr | None = Field(None, description="PostgreSQL >= 15; unset: an embedded one in COSTS_HOME")
    database_reader_url: SecretStr | None = Field(
        None, description="The same database for a role that may only read: what notebooks connect with"
    )
    costs_lake: str | None = Field(None, description="Address of the charge lake: a folder, s3://, az:// or gs://")
    costs_sources: Path | None = Field(None, description="YAML list of what to collect; unset: COSTS_HOME/sources.yaml")
    costs_public_url: str | None = Field(None, description="Where people reach the web process, for links")
    port: int = Field(8080, description="Port of the web process", ge=0, le=65535)
    host: str = Field("127.0.0.1", description="Address that the web process listens on")
    slack_bot_token: SecretStr | None = Field(None, description="xoxb-… token of the Slack app")
    slack_app_token: SecretStr | None = Field(None, description="xapp-… token, for Socket Mode")
    slack_signing_secret: SecretStr | None = Field(None, description="Signing secret of the Slack app, for HTTP")
    slack_client_id: str | None = Field(None, description="Client id of the Slack app, for several workspaces")
    slack_client_secret: SecretStr | None = Field(None, description="Client secret of the Slack app, as above")
    costs_token_keys: SecretStr | None = Field(
        None, description="Keys that encrypt the tokens of installed workspaces, comma-separated, the newest first"
    )
    slack_api_url: str = Field("https://slack.com/api/", description="Slack's Web API; the local Slack's in the demo")
    costs_channel: str | None = Field(None, description="Channel id where recommendations are announced")
    costs_approvers: str = Field("", description="Slack user ids, comma-separated, who are approvers from the start")
    costs_quorum: str = Field(
        "1000 USD", description="From such a saving a month on two have to approve; a currency without limit: always"
    )
    smtp_url: SecretStr | None = Field(None, description="smtp://user:password@host:587 or smtps://…:465; unset: files")
    mail_from: str = Field("costs@localhost", description="Sender of reports")
    mail_to: str = Field("", description="Receivers of the weekly report, comma-separated")
    costs_alert_amount: Decimal = Field(
        Decimal(100),
        description="An anomaly that costs less a day, in its bill's currency, is only listed",
        ge=0,
    )
    costs_alerts_a_day: int = Field(
        10, description="Alerts that one channel is told one by one a day; further ones come in one message", ge=0
    )
    costs_timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "UTC", description="Time zone of a channel's days where no digest says one"
    )
    costs_fiscal_year_start: int = Field(1, description="Month that the fiscal year begins with", ge=1, le=12)
    costs_currency: Annotated[str, AfterValidator(str.upper)] | None = Field(
        None, description="Currency asked for first; unset: the one with most spend"
    )

    @property
    def home(self) -> Path:
        """COSTS_HOME as an absolute path."""
        return self.costs_home.expanduser().resolve()

    @property
    def lake_address(self) -> str:
        """Where the charge lake is."""
        return self.costs_lake or str(self.home / "lake")

    @property
    def sources_file(self) -> Path:
        """Where the list of sources is."""
        return self.costs_sources or self.home / "sources.yaml"

    @property
    def public_url(self) -> str:
        """Where people reach the web process, without a slash at the end."""
        return (self.costs_public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def approvers(self) -> frozenset[str]:
        """Slack user ids who may decide."""
        return frozenset(word.strip() for word in self.costs_approvers.split(",") if word.strip())

    @property
    def receivers(self) -> tuple[str, ...]:
        """Mail addresses of the weekly report."""
        return tuple(word.strip() for word in self.mail_to.split(",") if word.strip())


@cache
def settings() -> Settings:
    """Read the settings once a process; tests clear it with `settings.cache_clear()`."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        message = f"The setting {name} is wrong: {first['msg']}. README's list of settings says what it takes."
        raise BadSettingError(message) from error
