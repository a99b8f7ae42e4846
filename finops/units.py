"""Units as providers write them, in FOCUS's unit format.

FOCUS 1.2, UnitFormat: data sizes and times by fixed names, `GB-Hours` for a product, `GB/Month` for a rate, and a
number before a unit for a block, `1000 Requests`: https://focus.finops.org/focus-specification/v1-2/.
"""

from __future__ import annotations

import re

TIMES = {
    "Year": ("year", "years", "yr", "yrs"),
    "Month": ("month", "months", "mo", "mos"),
    "Day": ("day", "days"),
    "Hour": ("hour", "hours", "hr", "hrs"),
    "Minute": ("minute", "minutes", "min"),
    "Second": ("second", "seconds", "sec"),
}
SIZES = {"byte": "B", "kibibyte": "KiB", "mebibyte": "MiB", "gibibyte": "GiB", "tebibyte": "TiB", "pebibyte": "PiB"}
THOUSANDS = {"K": "000", "M": "000000", "B": "000000000"}
_TIMES = {word: name for name, words in TIMES.items() for word in words}
_BLOCK = re.compile(r"([0-9][0-9,]*)([KMB]?)\s*(?=[A-Za-z/]|$)(.*)")


def focus(unit: str) -> str:
    """Return a unit in FOCUS's format; what cannot be understood is returned as it is."""
    text = unit.strip()
    if block := _BLOCK.fullmatch(text):
        size, rest = block[1].replace(",", "") + THOUSANDS.get(block[2], ""), block[3].strip()
        inner = _plain(f"Units{rest}" if rest.startswith("/") else rest or "Units")
        return inner if size == "1" else f"{size} {inner}"
    return _plain(text)


def _plain(text: str) -> str:
    """Return a unit without a number before it: one word, a product with a time, or a rate."""
    counted, slash, rate = text.partition("/")
    if slash:
        return f"{_plain(counted)}/{_TIMES.get(rate.lower(), rate)}"
    *before, last = re.split(r"[-\s]+", text) or [text]
    time = _TIMES.get(last.lower())
    sizes = [SIZES.get(word.lower().removesuffix("s"), word) for word in before]
    if time and sizes:
        return f"{' '.join(sizes)}-{time}s"
    if time:
        return f"{time}s"
    return " ".join([*sizes, SIZES.get(last.lower().removesuffix("s"), last)])
