"""Names that others gave to things change nothing of the line they stand on."""

from __future__ import annotations

import pytest

from finops.errors import CostsError
from finops.foreign import middle, plain, shortened, worded


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("web\u202egnp.exe", "web[U+202E]gnp.exe"),
        ("\u2066web\u2069", "[U+2066]web[U+2069]"),
        ("web\u200e", "web[U+200E]"),
        ("a\r\n\tb\u2028c", "a b c"),
        ("\x1b[31mred\x00", "[31mred"),
        ("half \ud83d a letter", "half a letter"),
        ("שרת 日本語 👩‍💻", "שרת 日本語 👩‍💻"),
    ],
)
def test_a_name_is_one_line_and_shows_what_turns_it(name: str, shown: str) -> None:
    """Left out, two names would look alike; the letters of other languages are letters."""
    assert plain(name) == shown


def test_a_long_name_is_cut_in_its_middle() -> None:
    """To the letter; a short one stays as it is."""
    name = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc"
    assert [len(middle(name, limit)) for limit in (10, 20, 49, 50)] == [10, 20, 49, 50]
    assert middle(name, 20).endswith("instance/i-0abc"[-13:])
    assert shortened(name, 20) == "arn:aws:ec2:e…i-0abc"
    assert middle(name, 50) == shortened(name, 50) == name


def test_an_error_quotes_nothing_that_a_terminal_would_obey() -> None:
    """Colours, titles and bells of somebody's header; lines stay lines."""
    said = str(CostsError("headers: \x1b[31mBilled\x1b]0;pwn\x07,\u202eb\nnext"))
    assert said == "headers:  [31mBilled ]0;pwn ,[U+202E]b\nnext"


def test_a_name_is_cut_between_its_words_and_keeps_both_its_ends() -> None:
    """Where words are too long for that it is cut within them."""
    name = "Amazon Relational Database Service in payments-prod, AWS"
    assert worded(name, 40) == "Amazon Relational … payments-prod, AWS"
    assert worded(name, 60) == name
    assert worded("AWS reservation 2c56b703-1e7f", 22) == "AWS … 2c56b703-1e7f"
    assert len(worded("x" * 90, 20)) == 20
