"""Every notebook runs from a fresh kernel, and what it leaves is right, kept, escaped and readable."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from PIL import Image

from finops.allocated import AllocationResult
from finops.anomalies.results import AnomalyResult
from finops.breakdown import BreakdownResult
from finops.commitments import CoverageResult
from finops.forecasting.results import ForecastResult
from finops.forecasting.reviews import ReviewResult
from finops.known_events import KnownEvent
from finops.money import total
from finops.periods import Period
from finops.recommendations.results import IdleResult
from finops.trend import TrendResult
from jobs import notebooks
from jobs.notebooks import NotebookFailedError
from storage import artifacts, charges
from storage.database import transaction
from storage.models import Outcome, Run

from .conftest import ASKED, EVENT, HOSTILE, SETTLED, Evidence

NAMES = sorted(notebooks.RESULTS)
JOINER = "\u2060"
"""Keeps days together where a line breaks."""


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Remember it."""
        self.text += data


@pytest.mark.parametrize("name", NAMES)
def test_a_run_keeps_its_result_copy_page_and_charts(evidence: dict[str, Evidence], name: str) -> None:
    """And its row says that it succeeded."""
    run = evidence[name].run
    with transaction() as session:
        row = session.get_one(Run, run.run_id)
        assert (row.job, row.outcome, row.error) == (f"notebook:{name}", Outcome.SUCCEEDED, None)
        assert row.result == run.result.model_dump(mode="json")
    assert run.page.media_type == "text/html"
    assert run.pictures
    for picture in run.pictures:
        assert Image.open(io.BytesIO(artifacts.load(picture))).width > 1000
    assert all(cell["execution_count"] for cell in evidence[name].executed["cells"] if cell["cell_type"] == "code")


@pytest.mark.parametrize("name", NAMES)
def test_its_page_runs_no_script_and_loads_nothing(evidence: dict[str, Evidence], name: str) -> None:
    """It is served into a sandbox, and foreign names are text."""
    page = Page(evidence[name].html)
    assert not {"script", "iframe", "object", "embed", "link", "form"} & {tag for tag, _ in page.tags}
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]
    addresses = [attrs[key] or "" for _, attrs in page.tags for key in ("src", "href") if key in attrs]
    assert all(address.startswith("data:image/") for address in addresses)
    assert HOSTILE in page.text


@pytest.mark.parametrize("name", NAMES)
def test_its_page_shows_title_freshness_inputs_and_hides_the_code(evidence: dict[str, Evidence], name: str) -> None:
    """Code on demand, without script."""
    page = Page(evidence[name].html)
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert "Settled through" in page.text
    assert "20 Nov 2019" in page.text
    assert "aws11aws11aw" in page.text  # the first twelve of a delivery's fingerprint
    before, _, code = evidence[name].html.partition("The code that made this page")
    assert "reading" not in before
    assert "reading" in code
    assert all("open" not in attrs for tag, attrs in page.tags if tag == "details")


def test_the_breakdown_is_the_ledgers_own_sum(evidence: dict[str, Evidence]) -> None:
    """To the last decimal."""
    result = evidence["cost_breakdown"].run.result
    assert isinstance(result, BreakdownResult)
    assert (result.start, result.end) == (date(2019, 11, 1), date(2019, 11, 21))
    with transaction() as session:
        [whole] = charges.sums(session, period=Period(result.start, result.end), currency="USD")
    assert result.total == whole.cost
    assert {row.label for row in result.rows} >= {"EC2", HOSTILE, "$x$", "Tax"}


def test_the_trend_splits_off_what_does_not_repeat(evidence: dict[str, Evidence]) -> None:
    """Two taxes and two credits; the landing lies beyond what was spent."""
    result = evidence["cost_trend"].run.result
    assert isinstance(result, TrendResult)
    assert result.one_off == 2 * (Decimal(40) - Decimal(15))
    assert result.settled_through == {"aws": SETTLED, "azure": SETTLED}
    assert result.landing is not None
    assert result.landing > result.total > result.previous
    assert total(result.reasons.values()) + result.one_off == result.change  # nothing but usage in the month before
    assert "Why it changed against" in evidence["cost_trend"].html


@pytest.mark.parametrize("name", ["cost_breakdown", "cost_trend"])
def test_a_ledgers_first_month_is_not_called_an_increase(evidence: dict[str, Evidence], name: str) -> None:
    """What is not known of the month before is neither a change nor a mover."""
    usual, first = (Page(evidence[key].html).text.replace(JOINER, "") for key in (name, f"first {name}"))
    assert "%) against 1–20 Oct 2019." in usual  # noqa: RUF001
    assert "1–20 Sep 2019: too few days before it to compare with." in first  # noqa: RUF001
    assert re.search(r"\+\$\d", usual)
    assert not re.search(r"\+\$\d", first)


def test_the_idle_machine_is_found_and_the_busy_one_is_not(evidence: dict[str, Evidence]) -> None:
    """With its saving, exact."""
    result = evidence["idle_resources"].run.result
    assert isinstance(result, IdleResult)
    [finding] = result.findings
    assert HOSTILE in finding.title
    assert total(result.monthly_saving.values()) == finding.monthly_saving == 140


def test_a_question_with_parameters_is_answered_for_them(evidence: dict[str, Evidence]) -> None:
    """Other days, another dimension; the page and the row say which."""
    run = evidence["asked"].run
    assert isinstance(run.result, BreakdownResult)
    assert (run.result.start, run.result.end) == (date(2019, 11, 4), date(2019, 11, 11))
    labels = {row.label for row in run.result.rows}
    assert labels == {"aws · EC2", f"aws · {HOSTILE}", "aws · $x$", "azure · VM", "azure · Disk"}
    assert (run.result.group_by, run.result.then_by) == ("provider", "service_name")
    with transaction() as session:
        assert session.get_one(Run, run.run_id).parameters == ASKED
    assert "2019-11-04" in Page(evidence["asked"].html).text


def test_the_forecasts_parts_add_up_and_the_month_lands_beyond_what_was_spent(evidence: dict[str, Evidence]) -> None:
    """At least to the end of the month; with its error beside it; tax and credits counted once."""
    result = evidence["forecast"].run.result
    assert isinstance(result, ForecastResult)
    assert (result.start, len(result.whole.points)) == (date(2019, 11, 21), 30)
    assert result.whole.whole.expected == total(part.whole.expected for part in result.parts)
    assert result.one_off == 2 * (Decimal(40) - Decimal(15))
    assert result.landing is not None
    assert result.landing > result.so_far > 0
    assert {"theta", "ces"} <= set(result.whole.members)
    assert result.whole.backtest is not None
    assert result.whole.backtest.windows
    with transaction() as session:
        [month] = charges.sums(session, period=Period(date(2019, 11, 1), date(2019, 11, 21)), currency="USD")
    assert result.so_far == month.cost


def test_the_review_holds_what_was_known_against_what_came(evidence: dict[str, Evidence]) -> None:
    """Of the month as far as it is complete: usage alone, and parts that add up to most of the miss."""
    result = evidence["forecast_review"].run.result
    assert isinstance(result, ReviewResult)
    assert (result.start, result.end, result.stored) == (date(2019, 11, 1), date(2019, 11, 21), False)
    with transaction() as session:
        [month] = charges.sums(session, period=Period(result.start, result.end), currency="USD")
    assert result.actual == month.cost - 2 * (Decimal(40) - Decimal(15))
    assert result.miss > 0
    assert sum(one.change for one in result.contributors) >= result.miss * Decimal("0.8")
    assert "more than forecast" in Page(evidence["forecast_review"].html).text


def test_what_nobody_claims_is_all_of_a_ledger_without_tags(evidence: dict[str, Evidence]) -> None:
    """The parts add up to the bill, and the largest of what has no owner is named."""
    result = evidence["allocation"].run.result
    assert isinstance(result, AllocationResult)
    with transaction() as session:
        [month] = charges.sums(session, period=Period(result.start, result.end), currency="USD")
    assert result.total == result.unallocated == sum(row.cost for row in result.rows) == month.cost
    page = Page(evidence["allocation"].html).text
    assert "No rule fits any of the" in page
    assert HOSTILE in page


def test_rules_that_are_given_divide_the_costs(evidence: dict[str, Evidence]) -> None:
    """By provider here, with one provider's part shared by the other."""
    result = evidence["ruled"].run.result
    assert isinstance(result, AllocationResult)
    assert [row.name for row in result.rows] == ["web", "(unallocated)"]
    assert result.rows[0].shared == result.pools["platform"] > 0
    assert result.rows[0].cost == result.total
    assert result.unallocated == 0


def test_commitments_are_told_by_what_was_used_of_them(evidence: dict[str, Evidence]) -> None:
    """Three of four euros, for use that is worth four on demand; the waste took what it saved."""
    result = evidence["commitment_coverage"].run.result
    assert isinstance(result, CoverageResult)
    [plan] = result.commitments
    assert (plan.id, plan.used, plan.unused, plan.saved) == (HOSTILE, 3, 1, 0)
    assert (result.utilization, result.coverage, result.waste) == (Decimal("0.75"), 1, 1)
    page = Page(evidence["commitment_coverage"].html).text.replace(JOINER, "")
    assert "of what commitments cost in 1–20 Nov 2019 was used" in page  # noqa: RUF001


def _known(**where: str) -> KnownEvent:
    [title] = where.values()
    return KnownEvent(title=title, first=date(2019, 11, 6), end=date(2019, 11, 7), where=where)


def test_an_event_is_told_with_what_explains_it(evidence: dict[str, Evidence]) -> None:
    """Two new machines of a hostile name's kind, the money exact, and a month of it; what was asked is at the end."""
    result = evidence["anomalies"].run.result
    assert isinstance(result, AnomalyResult)
    assert (result.first, result.end, result.lasts, result.untold) == (date(2019, 11, 7), date(2019, 11, 21), True, 0)
    assert total(one.actual for one in result.causes if one.since == date(2019, 11, 7)) == 20
    assert result.so_far == result.excess * 14
    html = evidence["anomalies"].html
    page = Page(html).text.replace(JOINER, "")
    assert "EC2 in no sub account, AWS costs $" in page
    assert "Why? New since 7 Nov 2019: " in page
    assert "a month more if it stays so. Next: ask " in page
    assert result.known == "Known around that day: Checkout 4.2 (provider=aws) on 6 Nov 2019."  # not the other's
    assert result.known in page
    assert [one.title for one in result.marked([_known(service="VM"), _known(service="EC2")])] == ["EC2"]
    top, _, rest = html.partition('class="said"')
    assert "service_name" not in top
    assert "What it was asked with" in rest


def test_the_trend_names_what_is_known_of_its_days(evidence: dict[str, Evidence]) -> None:
    """In words, whatever they are made of."""
    page = Page(evidence["cost_trend"].html).text.replace(JOINER, "")
    assert f"Known of these days: {HOSTILE} (service=VM) on 6 Nov 2019; Checkout 4.2 (provider=aws) on 6 Nov" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"scope": "EC2"}, "does not say whose costs"),
        ({"first": "yesterday"}, "The days of an event are its first one and the one after its last"),
        ({"end": "2019-11-25"}, "is not within the settled days of that series"),
        ({"currency": "XXX"}, "has no settled costs in XXX"),
        ({"rules": "[{to: web}"}, "The rules given for team are no YAML"),
    ],
)
def test_what_is_no_event_is_refused_in_a_sentence(
    evidence: dict[str, Evidence], changed: dict[str, str], said: str
) -> None:
    """Which the page shows, too."""
    assert evidence
    with pytest.raises(NotebookFailedError, match=said):
        notebooks.run("anomalies", {**EVENT, **changed})
