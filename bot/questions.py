"""What people ask, read into one value. The text after `/cost`, after `costs ask` and in a message is the same."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from bot.language.building import TooManyGroupsError
from bot.language.calendar import ImpossibleDateError
from bot.language.onething import OneThingError
from bot.language.question import IN_TIME, TOP, Cadence, CostQuestion, Kind, Threshold, When, terms, written
from bot.language.reading import EXAMPLE, LONGEST, NotUnderstoodError, Reading, TooLongError, read
from bot.language.rule import Manage, Rule, Share, Watch

__all__ = [
    "EXAMPLE", "EXAMPLES", "IN_TIME", "LONGEST", "TOP", "Cadence", "CostQuestion", "ImpossibleDateError", "Kind",
    "Manage", "NotUnderstoodError", "OneThingError", "Reading", "Rule", "Share", "Threshold", "TooLongError",
    "TooManyGroupsError", "Watch", "When", "parse", "read", "terms", "written",
]  # fmt: skip

EXAMPLES = (
    ("", "month to date against the same days of last month"),
    ("by service last 7 days", "or by provider, category, account, region, resource, day, month, team, tag:KEY"),
    ("last month by team top 5", "or yesterday, since monday, q3, 2026-09, from 1 to 15 october, this year"),
    ("this month vs last month by team", "any two periods"),
    ("by region where provider=aws and tag:env=prod", "narrowed down; account payments-prod works, too"),
    ("billed last month", "what is invoiced instead of what was used; in EUR, too, once there are rates"),
    ('trend service="Amazon RDS"', "week by week"),
    ("forecast 30 days by team", "what the days ahead will cost"),
    ("budget", "each budget, what is spent of it, and where it will end"),
    ("anomalies", "what is out of order; why ID tells all of one"),
    (
        "recommendations",
        "what could be saved; recommendations approved, carried out, snoozed or dismissed has what was decided",
    ),
    ("report weekly", "last week's report, which is made once; or report by service last month, a page of that answer"),
    ("alert when team=payments daily > 1500 USD", "a rule that tells; or up 30% weekly, on anomalies, on new service"),
    ("alerts", "the rules and what is open; alert edit NAME, alert mute NAME for 7 days, alert off NAME"),
    ("subscribe daily at 7", "a digest for you; or weekly on fridays #channel; subscriptions lists them"),
    ("freshness", "until which day each bill is complete"),
    ("roles", "who may what; admins grant approver @ada, revoke @ada, owner payments @ada"),
    ("scope team=payments", "what this channel asks about unless it says otherwise; scope off"),
)
"""Words after `/cost`, and what they answer."""


def parse(text: str, *, today: date, fiscal_year_start: int = 1, budgets: Collection[str] = ()) -> CostQuestion:
    """Read a question; clear mistakes of spelling are put right. Raises as `read` does."""
    return read(text, today=today, fiscal_year_start=fiscal_year_start, budgets=budgets).question
