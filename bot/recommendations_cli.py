"""`costs recommendations`: what could be saved, as `/cost recommendations` has it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from storage.models import Recommendation, SavingsResult

PAGE = 5
NOTHING = {
    "approved": "Nothing approved waits to be carried out.",
    "snoozed": "Nothing of this is snoozed.",
    "dismissed": "Nothing of this is dismissed.",
}
Where = Mapping[str, tuple[str, ...]]
EVERYTHING: Where = {}


@click.command()
@click.argument("kind", nargs=-1)
@click.option("--page", type=click.IntRange(1), default=1, show_default=True, help="Five a page, the largest first.")
@click.option("--all", "everything", is_flag=True, help="Every one, on one page.")
@click.option("--approved", is_flag=True, help="What is approved and not yet carried out, with its commands.")
@click.option("--carried-out", is_flag=True, help="What was carried out, and what that saved by the bill.")
@click.option("--snoozed", is_flag=True, help="What is snoozed, until when and by whom.")
@click.option("--dismissed", is_flag=True, help="What is dismissed, why and by whom.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: every one of the kind.")
def recommendations(*, kind: tuple[str, ...], page: int, everything: bool, as_json: bool, **decided: bool) -> None:
    """List what could be saved, the largest saving first; KIND is such as `idle machines`."""
    from storage import migrate  # noqa: PLC0415  a command line that starts quickly imports what it needs

    migrate.ensure()
    stage = next((name.replace("_", " ") for name, chosen in decided.items() if chosen), None)
    if stage == "carried out":
        show_carried_out(" ".join(kind), as_json=as_json)
    else:
        show(" ".join(kind), page=page, everything=everything, stage=stage, as_json=as_json)


def show_stage(stage: str | None, *, where: Where = EVERYTHING, as_json: bool) -> None:
    """Print what was decided so; without a stage all that could be saved, of what filters name."""
    if stage == "carried out":
        show_carried_out(as_json=as_json)
    else:
        show(stage=stage, where=where, as_json=as_json)


def show(
    words: str = "", *, where: Where = EVERYTHING, page: int = 1, everything: bool = False, stage: str | None = None,
    as_json: bool = False,
) -> None:  # fmt: skip
    """Print them, of a kind and of what filters name. Raises UnknownWordError for a kind that is not known."""
    from bot import savings_of  # noqa: PLC0415  as above
    from finops.recommendations import kinds, track  # noqa: PLC0415  as above
    from finops.recommendations.lifecycle import Stage  # noqa: PLC0415
    from storage import measuring  # noqa: PLC0415
    from storage import recommendations as known  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    words, where = (words, where) if where else savings_of.divided(f" {words}")
    wanted = kinds.find(words.strip()) if words.strip() else None
    with transaction() as session:
        found = known.at_stage(session, Stage(stage)) if stage else known.alive(session)
        rows = savings_of.within(session, found, savings_of.spelt(session, where))
        rows = [row for row in rows if wanted in (None, row.recommendation_type)]
        why = {row.id: known.why(session, row) for row in rows if row.state == "dismissed"}
        done = [f"\n{one}." for one in track.together(measuring.records(session))]
    if as_json:
        click.echo(json.dumps([_values(row) | {"why": why.get(row.id)} for row in rows], indent=2))
    elif rows:
        pages = 1 if everything else -(-len(rows) // PAGE)
        page = 1 if everything else page
        number = min(page, pages)
        shown = rows if everything else rows[(number - 1) * PAGE : number * PAGE]
        lines = [_line(row, why.get(row.id)) for row in shown]
        click.echo("\n".join([_headline(rows), *_kinds(rows), "", *lines, *_more(page, pages), *done]))
    else:
        of = " of these costs" if where else ""
        nothing = f"There is nothing to save{of} that the rules can see. `costs run recommend` looks again."
        click.echo(NOTHING[stage] if stage else nothing)
        click.echo("".join(done), nl=bool(done))


def show_carried_out(words: str = "", *, as_json: bool = False) -> None:
    """Print what was carried out, the last first, each with all that was measured. Raises UnknownWordError."""
    from finops.recommendations import kinds, track  # noqa: PLC0415  as above
    from storage import measuring  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    wanted = kinds.find(words) if words else None
    with transaction() as session:
        found = [one for one in measuring.carried_out(session) if wanted in (None, one[0].recommendation_type)]
        told = [f"{one}." for one in track.together(measuring.records(session))]
    if as_json:
        click.echo(json.dumps([_values(row) | {"measured": [*map(_measured, each)]} for row, each in found], indent=2))
    elif found:
        click.echo("\n".join([*told, "", *(_done(row, each) for row, each in found)]))
    else:
        click.echo("Nothing was carried out yet: Mark carried out on an approved recommendation starts to measure it.")


def _done(row: Recommendation, found: Sequence[SavingsResult]) -> str:
    from finops.foreign import plain  # noqa: PLC0415  as above
    from finops.money import Money  # noqa: PLC0415

    saving, day = Money(row.potential_savings, row.currency), f"{row.decided_at:%Y-%m-%d}" if row.decided_at else ""
    said = [one.said for one in found] or ["what it saves is measured 7, 14 and 30 days on"]
    return "\n".join([f"{saving!s:>12} a month  {day}  {plain(row.title)}", *(f"{'':>14}{one}" for one in said)])


def _measured(one: SavingsResult) -> dict[str, object]:
    amounts = {name: getattr(one, name) for name in ("cost_before", "cost_after", "unused", "saved", "promised")}
    return {
        "days": one.days,
        "before_start": one.before_start.isoformat(),
        "after_start": one.after_start.isoformat(),
        "why_not": one.why.value if one.why else None,
        **{name: None if amount is None else f"{amount:f}" for name, amount in amounts.items()},
        "said": one.said,
    }


def _headline(rows: Sequence[Recommendation]) -> str:
    from finops.recommendations import kinds  # noqa: PLC0415  as above

    word = "recommendation" if len(rows) == 1 else "recommendations"
    sums = " and ".join(map(str, kinds.totals(rows)))
    return f"{len(rows)} {word} would save {sums} a month, each resource counted once: {_standing(rows)}."


def _open_first(counted: tuple[str, int]) -> tuple[bool, str]:
    return counted[0] != "open", counted[0]


def _standing(rows: Sequence[Recommendation]) -> str:
    """Count where they stand: 22 wait for a decision, 10 are approved."""
    counts = Counter(row.state for row in rows)
    words = {"open": ("waits for a decision", "wait for a decision")}
    told = [
        (many, words.get(state, (f"is {state}", f"are {state}")))
        for state, many in sorted(counts.items(), key=_open_first)
    ]
    return ", ".join(f"{many} {one if many == 1 else several}" for many, (one, several) in told)


def _kinds(rows: Sequence[Recommendation]) -> list[str]:
    from finops.recommendations import kinds  # noqa: PLC0415  as above

    counts = Counter(row.recommendation_type for row in rows)
    return [f"  {count:>4}  {kinds.about(kind).many} ({kind})" for kind, count in sorted(counts.items())]


def _line(row: Recommendation, why: str | None) -> str:
    from finops.foreign import plain  # noqa: PLC0415  as above
    from finops.money import Money  # noqa: PLC0415

    saving = Money(row.potential_savings, row.currency)
    line = f"{saving!s:>12} a month  {row.state:<9}  {plain(row.title)}\n{'':>14}{plain(row.reason)}"
    command = row.details.get("command") if row.state == "approved" else None
    further = f"To do it by hand: {plain(str(command))}" if command else _decided(row, why)
    return f"{line}\n{'':>14}{further}" if further else line


def _decided(row: Recommendation, why: str | None) -> str:
    """Tell until when something is put off or dismissed, by whom and why."""
    from finops.foreign import plain  # noqa: PLC0415  as above

    if row.state not in ("snoozed", "dismissed"):
        return ""
    until = f" until {row.until:%-d %b %Y}" if row.until else ""
    by = f" by {plain(row.decided_by)}" if row.decided_by else ""
    on = f" on {row.decided_at:%-d %b %Y}" if row.decided_at else ""
    return f"{row.state.capitalize()}{until}{by}{on}{f': {plain(why)}' if why else ''}"


def _more(number: int, pages: int) -> list[str]:
    from bot.table_pages import beyond  # noqa: PLC0415  as above

    if told := beyond(number, pages):
        return [f"\n{told}"]
    return [f"\nPage {number} of {pages}: `--page {number + 1}`, or `--all`."] if number < pages else []


def _values(row: Recommendation) -> dict[str, object]:
    return {
        "id": str(row.id),
        "type": row.recommendation_type,
        "title": row.title,
        "reason": row.reason,
        "potential_savings": f"{row.potential_savings:f}",
        "currency": row.currency,
        "confidence_score": row.confidence_score,
        "state": row.state.value,
        "decided_by": row.decided_by,
        "assigned_to": row.assigned_to,
        "until": row.until.isoformat() if row.until else None,
        "details": row.details,
    }
