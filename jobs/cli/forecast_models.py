"""`costs forecast models`: every version of a model that forecasts, how it was judged, and why it is in use or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from storage.models import ForecastModel


@click.command()
@click.option("--last", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many, the newest first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def models(*, last: int, as_json: bool) -> None:
    """List the versions of the models: trained when and on what, how wrong, in use or not, and why."""
    from storage import forecast_models, migrate  # noqa: PLC0415  a cold start imports only what it needs
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        found = forecast_models.every(session, limit=last)
        if as_json:
            click.echo(json.dumps([_values(one) for one in found], ensure_ascii=False, indent=2))
            return
        for one in found:
            click.echo(_words(one))
    if not found:
        click.echo("No model was trained yet. `costs forecast` trains the first.")


def _values(one: ForecastModel) -> dict[str, object]:
    return {
        "question": json.loads(one.question),
        "version": one.version,
        "state": one.state.value,
        "members": one.members,
        "parameters": one.parameters,
        "trained_at": one.trained_at.isoformat(),
        "through": str(one.through),
        "fingerprint": one.fingerprint,
        "error": None if one.error is None else str(one.error),
        "compared_with": None if one.compared_with is None else str(one.compared_with),
        "backtest": one.backtest,
        "reason": one.reason,
        "run": None if one.run_id is None else str(one.run_id),
    }


def _words(one: ForecastModel) -> str:
    from finops.forecasting.questions import Question  # noqa: PLC0415
    from finops.foreign import plain  # noqa: PLC0415  as above

    asked = Question.model_validate_json(one.question)
    error = "error not known" if one.error is None else f"error {one.error:.3f}"
    head = f"{asked.said()}: version {one.version}, {one.state.value}, {error}"
    trained = f"trained {one.trained_at:%Y-%m-%d %H:%M} on days through {one.through}, bills {one.fingerprint[:12]}"
    lines = [head, trained, *([", ".join(one.members)] if one.members else []), one.reason or "being trained"]
    return "\n    ".join(plain(line) for line in lines)
