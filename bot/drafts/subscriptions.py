"""Who is told regularly: setting it up, ending it, and what there is."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from bot.asker import Asker
from bot.drafts import scope
from bot.drafts.draft import Draft
from bot.questions import Cadence, CostQuestion, Kind, NotUnderstoodError, terms, written
from finops.digests import WEEKDAYS, Every
from storage import subscriptions
from storage.models import Subscription
from storage.subscriptions import Kept

EXAMPLES = (
    ("subscribe daily", "every morning at nine, in your direct messages; or at 7"),
    ("subscribe weekly #channel", "every Monday, for all who are in the channel; or on fridays at 8:00"),
    ("subscribe weekly team=web to #channel", "the same, of the costs of one team"),
)

GONE = 5
"""Of those that ended so many are told."""
SAID = {Kept.NEW: ".", Kept.CHANGED: " from now on.", Kept.SAME: ": that was so already."}
CHANGING = "`/cost subscribe daily at 7` and `/cost subscribe weekly on fridays at 8:00` choose another hour or day."


def draft(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """Subscribe to digests, end that, or list them. Raises NotUnderstoodError, also for values nobody knows."""
    possible(question)
    if question.channel is None:  # a command line, or nothing is changed
        return _listed(session, who)
    cadence = Every(question.cadence) if question.cadence else None
    where = scope.spelt(session, question) if question.where else {}
    if question.off:
        ended = subscriptions.end(
            session, workspace=who.workspace, channel=question.channel, cadence=cadence, filters=where
        )
        return _ended(ended, question)
    if cadence is None:
        return _listed(session, who)
    row, how = subscriptions.add(
        session, workspace=who.workspace, channel=question.channel, cadence=cadence, filters=where,
        person=who.person.user if _is_direct(question) else None, timezone=who.zone, by=who.person.user,
        hour=question.hour, weekday=question.weekday,
    )  # fmt: skip
    return _begun(question.changed(where=where), row, how)


def possible(question: CostQuestion) -> None:
    """Raise NotUnderstoodError for how often no digest goes out, with the nearest that one does."""
    if question.cadence is Cadence.MONTHLY:
        raise NotUnderstoodError(question.cadence.value, "weekly", question.changed(cadence=Cadence.WEEKLY))


def _begun(question: CostQuestion, row: Subscription, how: Kept) -> Draft:
    where = f"of {terms(question.where)} " if question.where else ""
    gets = "You get" if _is_direct(question) else "The channel gets"
    return Draft(
        headline=f"{gets} the {question.cadence} digest {where}{when(row)}{SAID[how]}",
        more="It tells the spend and its change, where the month will end, budgets, what is out of order, and savings.",
        notes=(f"`/cost {_ending(question)}` ends it.",),
        values={"subscribed": True, "new": how is Kept.NEW, **values(row)},
    )


def named(draft: Draft, channel: str, called: str) -> Draft:
    """Return what is said of a channel's digest with the channel's name, in words that a person can type."""
    headline = draft.headline.replace("The channel gets", f"{called} gets", 1).replace("the channel", called, 1)
    return replace(draft, headline=headline, notes=tuple(one.replace(f"<#{channel}>", called) for one in draft.notes))


def _ended(many: int, question: CostQuestion) -> Draft:
    whose = "to you" if _is_direct(question) else "to the channel"
    said = f"{many} digest{'s' if many > 1 else ''} no longer {'go' if many > 1 else 'goes'} {whose}."
    return Draft(headline=said if many else f"No such digest goes {whose}.", values={"ended": many})


def _is_direct(question: CostQuestion) -> bool:
    return str(question.channel).startswith("D")


def _ending(question: CostQuestion) -> str:
    """Return the words that end it: whoever says no channel means themselves."""
    fields = {"cadence": question.cadence, "where": question.where}
    channel = {} if _is_direct(question) else {"channel": question.channel}
    return str(CostQuestion(kind=Kind.SUBSCRIBE, off=True, **fields, **channel))


def _listed(session: Session, who: Asker) -> Draft:
    places = [one for one in (who.channel, who.person.user) if one] if who.workspace else []
    rows = subscriptions.alive(session, workspace=who.workspace or None, places=places)
    rows += _elsewhere(session, who, rows)
    if not rows:
        return Draft(
            headline="No digests go to you or to this channel." if who.workspace else "No digests go anywhere yet.",
            more="" if who.workspace else "Say so in Slack: there is known who you are.",
            lines=EXAMPLES,
            notes=_gone(session, who),
            values={"subscriptions": []},
        )
    many = f"{len(rows)} digest{'s' if len(rows) > 1 else ''} {'go' if len(rows) > 1 else 'goes'}"
    return Draft(
        headline=f"{many} to you, to this channel or where you set them up. This ends each:"
        if who.workspace
        else f"{many} out.",
        lines=tuple((_ending(_question(one)), _told(one, who)) for one in rows),
        notes=(*((CHANGING,) if who.workspace else ()), *_gone(session, who)),
        values={"subscriptions": [values(one) for one in rows]},
    )


def _gone(session: Session, who: Asker) -> tuple[str, ...]:
    """Tell of those that ended of themselves, to whoever set them up; at the command line of all."""
    rows = subscriptions.ended(session, workspace=who.workspace or None)
    mine = [one for one in rows if not who.workspace or one.created_by == who.person.user][:GONE]
    return tuple(
        f"A {one.cadence} digest {'to you' if one.person else 'to a channel'} ended on {one.deleted_at:%-d %b %Y}: "
        f"{one.ended_why.told}."
        for one in mine
        if one.ended_why and one.deleted_at
    )


def _question(one: Subscription) -> CostQuestion:
    where = {name: tuple(each) for name, each in one.filters.items()}
    return CostQuestion(kind=Kind.SUBSCRIBE, cadence=Cadence(one.cadence), where=where, channel=one.channel)


def _elsewhere(session: Session, who: Asker, rows: list[Subscription]) -> list[Subscription]:
    """Return what this person set up for other channels; at the command line all is listed anyway."""
    if not who.workspace:
        return []
    here, user = {one.id for one in rows}, who.person.user
    alive = subscriptions.alive(session, workspace=who.workspace)
    return [one for one in alive if one.created_by == user and one.person is None and one.id not in here]


def _told(one: Subscription, who: Asker) -> str:
    if one.person:
        return f"to you, {when(one)}"
    elsewhere = bool(who.workspace) and one.channel != who.channel
    return f"to {'another channel, set up by you' if elsewhere else 'the channel'}, {when(one)}"


def when(one: Subscription) -> str:
    """Tell when one goes out: on Fridays at 8:00 (Europe/Berlin)."""
    return f"{one.cadence.told(one.weekday, one.hour)} ({one.timezone})"


def line(one: Subscription) -> str:
    """Return one as the command line lists it; of one that ended of itself, when and why."""
    how = f"ended on {one.deleted_at:%Y-%m-%d}: {one.ended_why.told}" if one.deleted_at and one.ended_why else when(one)
    where = written({name: tuple(each) for name, each in one.filters.items()})
    return f"{str(one.id)[:8]}  {one.cadence:<6}  {one.person or one.channel:<12}  {how}  {where}".rstrip()


def values(one: Subscription) -> dict[str, object]:
    """Return one as `--json` prints it."""
    return {
        "id": str(one.id),
        "workspace": one.workspace,
        "cadence": one.cadence.value,
        "channel": one.channel,
        "person": one.person,
        "where": one.filters,
        "timezone": one.timezone,
        "hour": one.hour,
        "weekday": WEEKDAYS[one.weekday].lower() if one.cadence is Every.WEEKLY else None,
        "created_by": one.created_by,
        "created_at": one.created_at.isoformat(),
        "ended_at": one.deleted_at.isoformat() if one.deleted_at else None,
        "ended_why": one.ended_why.told if one.ended_why else None,
    }
