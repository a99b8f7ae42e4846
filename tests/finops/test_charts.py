"""Charts have the right size, draw something, draw the same every time, and survive foreign names."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from finops import charts
from finops.drawing import DOTS, PALETTE, WIDTH, short_money, words

FIRST = date(2026, 11, 1)
HOSTILE = "<script>alert(1)</script> $\\frac{1}{0$ & ]]> --"


def _days(count: int, cost: str = "10") -> dict[date, Decimal]:
    return {FIRST + timedelta(days=n): Decimal(cost) for n in range(count)}


def _ranking() -> Figure:
    rows = [("EC2", Decimal(300)), (HOSTILE, Decimal(20)), ("Credits", Decimal(-40)), ("2 others", Decimal(5))]
    return charts.ranking(rows, title="What cost most", currency="USD", rest="2 others")


def _daily() -> Figure:
    series = {"AWS": _days(20), HOSTILE: _days(20, "-3")}
    return charts.daily(series, title="A day", currency="EUR", provisional_from=FIRST + timedelta(days=18))


def _running() -> Figure:
    later = {FIRST + timedelta(days=20 + n): Decimal(10) for n in range(10)}
    return charts.running(_days(20), _days(31, "9"), later, title="$ against $", currency="NOK")


@pytest.mark.parametrize("draw", [_ranking, _daily, _running])
def test_a_chart_is_as_wide_as_agreed_and_not_blank(draw: object) -> None:
    """And its bytes are the same whenever it is drawn: artifacts are named by their content."""
    picture = charts.png(draw())
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    assert image.width == pytest.approx(WIDTH * DOTS, abs=2)
    colors = image.getcolors(maxcolors=1 << 24)
    assert colors is not None
    assert max(count for count, _ in colors) < 0.97 * image.width * image.height
    assert picture == charts.png(draw())


@pytest.mark.parametrize("draw", [_ranking, _daily, _running])
def test_the_svg_has_no_script_and_the_same_ids_every_time(draw: object) -> None:
    """Foreign names are outlines; where matplotlib notes them as comments they are escaped."""
    figure = draw()
    picture = charts.svg(figure)
    assert "<script" not in picture
    assert picture.startswith("<svg")
    assert "prefers-color-scheme: dark" in picture
    assert picture == charts.svg(figure) == charts.svg(draw())


@pytest.mark.parametrize(
    "figure",
    [
        charts.ranking([], title="x", currency="USD"),
        charts.daily({}, title="x", currency="USD"),
        charts.running({}, {}, {}, title="x", currency="USD"),
    ],
)
def test_a_chart_of_nothing_says_so(figure: Figure) -> None:
    """It neither fails nor stands there as an empty frame."""
    assert [text.get_text() for text in figure.axes[0].texts] == ["nothing to draw"]


def test_more_series_than_colours_are_added_up() -> None:
    """Nobody tells nine colours apart."""
    figure = charts.daily({f"account {n}": _days(3, str(n + 1)) for n in range(9)}, title="x", currency="USD")
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(names) == len(PALETTE)
    assert names[-1] == "other"


def test_provisional_days_are_hatched() -> None:
    """And only those."""
    bars = [bar for container in _daily().axes[0].containers for bar in container]
    assert {bar.get_x() + bar.get_width() / 2 for bar in bars if bar.get_hatch()} == {
        (FIRST + timedelta(days=n)).toordinal() for n in (18, 19)
    }


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("0", "USD", "$0"),
        ("0.4", "USD", "$0.40"),
        ("950", "EUR", "€950"),
        ("999.9", "USD", "$1k"),
        ("12345", "USD", "$12.3k"),
        ("-1204000", "EUR", "−€1.2M"),  # noqa: RUF001
        ("5000000000", "NOK", "5bn NOK"),
    ],
)
def test_money_on_a_chart_has_three_digits(amount: str, currency: str, shown: str) -> None:
    """And its currency."""
    assert short_money(Decimal(amount), currency) == shown


def test_a_dollar_sign_in_a_name_is_a_dollar_sign() -> None:
    """Two of them would be mathematics, and mathematics that fails to parse would fail the chart."""
    name = r"$\nosuchsymbol$"
    assert charts.png(charts.ranking([(name, Decimal(1))], title=name, currency="USD"))
    assert charts.png(charts.daily({name: _days(2), "b": _days(2)}, title=name, currency="USD"))


def test_long_labels_are_cut_in_their_middle() -> None:
    """The end often tells resources apart."""
    cut = words("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc", 20)
    assert len(cut) == 20
    assert cut.endswith("i-0abc")


def test_only_figures_no_pyplot(tmp_path: Path) -> None:
    """The pyplot module keeps every figure of the process alive."""
    import sys  # noqa: PLC0415

    charts.png(_ranking())
    assert "matplotlib.pyplot" not in sys.modules
