"""The page of an executed notebook, whatever the names on it hold."""

from __future__ import annotations

import json
from decimal import Decimal

import nbformat

from finops.money import Money
from finops.tables import Sentence, Table
from jobs.execution import page

TURNED = "web\u202egnp"


def _page(name: str) -> str:
    table = {"text/html": Table(("Service", "Cost"), [(name, Money(Decimal(3), "USD"))])._repr_html_()}
    said = {"text/plain": repr(Sentence(f"{name} costs most."))}
    result = {"application/json": {"rows": [name]}}
    cells = [
        {"id": f"c{number}", "cell_type": "code", "metadata": {"tags": tags}, "source": "1", "execution_count": 1,
         "outputs": [{"output_type": "execute_result", "metadata": {}, "data": data, "execution_count": 1}]}
        for number, (tags, data) in enumerate(((["headline"], said), ([], table), (["result"], result)))
    ]  # fmt: skip
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return page.render(nbformat.from_dict(notebook), parameters={"owner_tag": name}, problem=name)


def test_what_turns_a_text_is_shown_wherever_it_stands() -> None:
    """In a sentence, a table, a parameter, a problem and the result as data."""
    html = _page(TURNED)
    assert "\u202e" not in html
    assert html.count("web[U+202E]gnp") == 5
    assert json.dumps(["web[U+202E]gnp"])[1:-1].replace('"', "&#34;") in html


def test_the_answer_stands_before_what_it_was_asked_with() -> None:
    """Whoever opens it reads what happened first; and once."""
    html = _page("EC2")
    assert html.count("EC2 costs most.") == 1
    assert html.index("EC2 costs most.") < html.index("Asked with") < html.index("<table")


def test_a_long_name_is_whole_in_its_tooltip() -> None:
    """And short where it stands; a tag of its own in it stays text."""
    name = "<b onclick=x>" + "x" * 5000
    html = _page(name)
    whole, _, shown = html.partition('<span title="')[2].partition("</td>")[0].partition('">')
    assert whole.endswith("x" * 5000)
    assert len(shown) < 150
    assert "<b onclick" not in html
