"""The house style of every chart, and how a figure becomes a picture. No pyplot: a figure belongs to its caller."""

from __future__ import annotations

import io
import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from finops.foreign import shortened
from finops.money import SYMBOLS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's palette, told apart by people of every colour vision: https://jfly.uni-koeln.de/color/.
# Its yellow is left out, too pale on white, and its black, unseen on a dark page.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
MUTED = "#9AA3AD"
INK, FAINT, PAPER = "#1B1F24", "#D8DCE1", "#FFFFFF"

WIDTH = 5.6
"""Inches. Narrow on purpose: at the width of a phone the letters are still ten pixels high."""
DOTS = 200
LABEL = 26
"""Letters of a label before it is shortened."""
_STYLE: Any = {  # matplotlib types the names one by one
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine draws the same letters
    "font.size": 10,
    "svg.hashsalt": "costs",  # the same figure gets the same ids, hence the same bytes
    "svg.fonttype": "path",
    "hatch.linewidth": 0.9,
}
_DARK = "@media (prefers-color-scheme: dark) { :root { --ink: #E6E9ED; --faint: #3A414A; } }"
_drawing = threading.Lock()  # matplotlib's settings are one for the whole process


def words(text: str, limit: int = LABEL) -> str:
    """Make foreign text fit: short, and harmless for matplotlib, which reads what stands between two $ as formulas."""
    return shortened(text, limit).replace("$", r"\$")


def short_money(amount: Decimal | float, currency: str) -> str:
    """Show an amount with three digits, the room that a chart has: $950, $12.3k, -€1.2M, 3k NOK."""
    size = abs(Decimal(str(amount)))
    units = ((Decimal(10**9), "bn"), (Decimal(10**6), "M"), (Decimal(10**3), "k"), (Decimal(1), ""))
    unit, name = next((unit for unit in units if size >= unit[0] * Decimal("0.9995")), units[-1])
    scaled = size / unit
    places = 2 if scaled < 10 else 1 if scaled < 100 else 0  # noqa: PLR2004  three digits
    number = f"{scaled:,.{places}f}"
    whole = number.rstrip("0").rstrip(".") if "." in number and (name or scaled == int(scaled)) else number
    sign = "−" if amount < 0 and number.strip("0.") else ""  # noqa: RUF001  the true minus sign, as on the axis
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{whole}{name}" if symbol else f"{sign}{whole}{name} {currency}"


def canvas(title: str, *, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure in the house style with its one pair of axes."""
    with _drawing, mpl.rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained", facecolor=PAPER)
        FigureCanvasAgg(figure)
        axes = figure.add_subplot(facecolor="none")
        figure.suptitle(words(title, 62), x=0.01, ha="left", color=INK, fontsize=11.5, fontweight="bold")
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0, colors=INK)
    axes.set_axisbelow(True)
    return figure, axes


def money_axis(axis: Any, currency: str, *, unit: str) -> None:  # noqa: ANN401  matplotlib publishes no types
    """Write money on an axis: few ticks, the currency on each, the unit beneath."""
    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: words(short_money(value, currency))))
    axis.set_label_text(words(unit, 62), color=INK, fontsize=9)
    axis.grid(visible=True, color=FAINT, linewidth=0.8)


def _render(figure: Figure, kind: str, **options: Any) -> bytes:  # noqa: ANN401  passed through to matplotlib
    target = io.BytesIO()
    with _drawing, mpl.rc_context(_STYLE):
        if figure.get_layout_engine() is not None:  # laid out once: a second picture of it is the same picture
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
        figure.savefig(target, format=kind, **options)
    return target.getvalue()


def png(figure: Figure) -> bytes:
    """Return the picture as PNG; the same figure gives the same bytes."""
    return _render(figure, "png", dpi=DOTS, metadata={"Software": None})


def svg(figure: Figure) -> str:
    """Return the picture as SVG: no script, letters as outlines, and its ink follows the reader's light or dark."""
    anonymous = {"Date": None, "Creator": None, "Format": None, "Type": None}
    text = _render(figure, "svg", metadata=anonymous, transparent=True).decode()
    opening, rest = text[text.index("<svg") :].split(">", 1)
    rest = rest.replace(INK.lower(), f"var(--ink, {INK})").replace(FAINT.lower(), f"var(--faint, {FAINT})")
    return f"{opening}><style>{_DARK}</style>{rest}"
