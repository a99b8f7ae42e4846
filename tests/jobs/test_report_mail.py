"""The weekly mail as people see it: what it says, in which forms, and that no name can break out of its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from finops import weekly
from finops.foreign import shortened
from finops.periods import Period
from finops.tables import TOO_FEW
from finops.trend import STEADY
from finops.weekly import Spend, WeeklyResult
from jobs.report_render import Rendered, columns, render
from jobs.report_view import Saving, Savings, Style, Weekly
from jobs.report_view import weekly as compose

MONDAY = date(2026, 11, 23)
SUNDAY = MONDAY - timedelta(1)
HOSTILE = '<script>alert(1)</script>\r\nBcc: all@example.com\u202e & "x"'
SAVINGS = Savings(
    (Saving("Stop idle machine db-7", "P95 of CPU under 5 %", "$412", "http://127.0.0.1:8080/evidence/1?a=1&b=2"),),
    3,
    "$600",
)


def _result(
    *, service: str = "BigQuery", settled: date = SUNDAY, scale: int = 1000, owner: str = "data", known: int = 80
) -> WeeklyResult:
    spends = []
    for days in range(known):
        day = SUNDAY - timedelta(days)
        factor = 2 if days < 7 else 1
        spends.append(Spend(day, "gcp", service, owner, STEADY, Decimal(factor * scale)))
        spends.append(Spend(day, "aws", "AWS Lambda", "no team tag", STEADY, Decimal(scale)))
    through = {"aws": settled, "gcp": SUNDAY}
    when = weekly.windows(through, "2026-11-16")
    held = Period(SUNDAY - timedelta(known - 1), MONDAY)
    return weekly.build(spends, when, currency="USD", settled=through, owner_tag="team", known=held)


def _mail(result: WeeklyResult | None = None, savings: Savings = SAVINGS) -> Weekly:
    return compose(
        result or _result(),
        today=MONDAY,
        savings=savings,
        evidence="http://127.0.0.1:8080/evidence/0",
        pictures=["c@d"],
    )


class Page(HTMLParser):
    """What a mail program makes of the page."""

    def __init__(self, html: str) -> None:
        """Read it."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.words.append(data)


def test_the_subject_says_it_all() -> None:
    """What, how much, how it changed, and by what."""
    assert _mail().subject == "Cloud costs: $21,000 last week, up 50.0 % (+$7,000); BigQuery +$7,000"


def test_a_provisional_day_is_named_and_not_counted() -> None:
    """In the subject the days, in the mail what the missing one has cost so far."""
    mail = _mail(_result(settled=SUNDAY - timedelta(1)))
    assert mail.subject.startswith("Cloud costs: $18,000 in 16–21 November 2026, up 50.0 % (+$6,000)")  # noqa: RUF001
    assert mail.provisional == "Still provisional, so not counted here: Sun 22 Nov ($3,000 so far)."
    assert "the same days of the week before" in mail.sentence
    for text in (render(mail).text, render(mail).html):
        assert "Still provisional" in text


def test_a_first_week_is_not_called_an_increase() -> None:
    """Nor the first month: what is not known of the days before is no saving and no rise."""
    mail = _mail(_result(known=8), Savings())
    assert mail.subject == "Cloud costs: $21,000 last week"
    assert (mail.movers, mail.headline.change) == ((), "")
    done = render(mail)
    assert "$21,000, too few days before it to compare with." in done.text
    assert "November so far: $23,000 (too few days before it to compare with)" in done.text
    assert "%" not in done.text
    assert {"Change", "What moved most"}.isdisjoint(Page(done.html).words)


def test_a_first_month_is_not_called_an_increase() -> None:
    """Though its weeks can be compared."""
    mail = _mail(_result(known=30))
    assert "up 50.0 %" in mail.subject
    assert [held for _, _, held in mail.month] == [TOO_FEW, "from the days so far", "3 recommendations to decide"]


def test_both_forms_tell_the_same() -> None:
    """Headline, movers, parts, savings, freshness and the evidence are in the plain text as in the page."""
    done = render(_mail())
    words = " ".join(" ".join(Page(done.html).words).split())
    for fact in ("$21,000", "+$7,000", "BigQuery", "Google Cloud", "No team tag", "$600", "Stop idle machine db-7",
                 "Sun 22 Nov", "/cost recommendations"):  # fmt: skip
        assert fact in done.text
        assert fact in words
    assert "http://127.0.0.1:8080/evidence/0" in done.text
    assert max(len(line) for line in done.text.splitlines()) <= 80


def test_the_page_is_made_for_mail_programs() -> None:
    """Styles stand in the elements, dark and narrow rules in the head, nothing is loaded and nothing runs."""
    html = render(_mail()).html
    page = Page(html)
    assert "prefers-color-scheme: dark" in html
    assert "max-width: 480px" in html
    assert [attributes["src"] for tag, attributes in page.tags if tag == "img"] == ["cid:c@d"]
    assert all(attributes.get("alt") for tag, attributes in page.tags if tag == "img")
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "iframe", "form", "svg"}]
    assert {"http"} == {str(attributes["href"]).split(":")[0] for tag, attributes in page.tags if tag == "a"}
    assert all("font-family" in str(attributes.get("style")) for tag, attributes in page.tags if tag in {"h1", "td"})
    assert len(html.encode()) < 100_000, "Gmail cuts what is longer"


@pytest.mark.parametrize(
    "name", [HOSTILE, "x" * 5000, "{{ 7*7 }}{% raw %}", "\x00\x1b[31m", "&amp;<b>", "日本語のサービス" * 9]
)
def test_no_name_breaks_out_of_its_place(name: str) -> None:
    """Not into a header, not into the page, not over the width of the text."""
    savings = replace(SAVINGS, top=(Saving(shortened(name, 90), shortened(name, 160), "$1", None),))
    done = render(_mail(_result(service=name, owner=name), savings))
    assert "\n" not in done.subject
    assert len(done.subject) < 160
    assert not any(letter < " " for letter in done.subject)
    page = Page(done.html)
    assert not [tag for tag, _ in page.tags if tag in {"script", "b"}]
    assert "\u202e" not in done.html + done.text
    assert "\u202e" not in name or "[U+202E]" in done.html
    assert "Bcc: all@example.com" not in done.text.splitlines()
    assert max(len(line) for line in done.text.splitlines()) <= 180
    assert "49" not in " ".join(page.words).replace(name, "")


def test_amounts_of_one_mail_are_written_alike() -> None:
    """Cents only where a whole week costs less than a thousand; other currencies by their code."""
    assert _mail(_result(scale=1)).headline.cost == "$21.00"
    assert Style("USD", cents=False).money(Decimal("-0.4")) == "$0"
    assert Style("USD", cents=False).money(Decimal("-1234.5"), signed=True) == "−$1,234"  # noqa: RUF001
    assert Style("NOK", cents=True).money(Decimal(5), signed=True) == "+5.00 NOK"


def test_small_changes_are_not_coloured_and_no_change_says_so() -> None:
    """Where everything is red or green, nothing is."""
    lines = {line.label: line for section in _mail().sections for line in section.lines}
    assert (lines["AWS Lambda"].change, lines["AWS Lambda"].tone) == ("no change", "flat")
    assert (lines["BigQuery"].direction, lines["BigQuery"].tone) == ("up", "up")


def test_without_savings_or_tags_the_mail_is_shorter_not_emptier() -> None:
    """A section with nothing to say is left out."""
    mail = _mail(_result(owner="no team tag"), Savings())
    done: Rendered = render(mail)
    assert [section.title for section in mail.sections] == ["By provider", "By service"]
    assert "saved" not in done.html + done.text


def test_a_row_of_the_text_keeps_its_numbers_under_each_other() -> None:
    """Whatever the length of the name."""
    assert len(columns("x" * 200, "$1", "+$2", "+3.0 %")) == len(columns("x", "$1", "+$2", "+3.0 %")) == 72
