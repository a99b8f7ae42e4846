"""Whom a rule tells, by how it is written."""

from __future__ import annotations

import pytest

from finops.alerting.whom import Way, problem, way


@pytest.mark.parametrize(
    ("to", "kind"),
    [
        ("#web", Way.CHANNEL),
        ("@Ada Lovelace", Way.PERSON),
        ("ada.l+costs@mail.example.com", Way.MAIL),
        ("C0123456789", Way.ID),
        ("oncall", Way.NAME),
    ],
)
def test_what_can_be_meant_is_let_through(to: str, kind: Way) -> None:
    """Each by its shape; an outlet by its name, also where that looks like an id."""
    assert way(to) is kind
    assert problem(to, outlets=["oncall"]) is None
    assert problem("CEO", outlets=["CEO"]) is None


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("general", "there is no outlet “general” (those of outlets.yaml are oncall): write #web for a channel"),
        ("CEO", "there is no outlet “CEO”"),
        ("#", "“#” is no channel"),
        ("#web ops", "is no channel"),
        ("@", "“@” is no person"),
        ("@ada,@ben", "is no person"),
        ("ada@", "“ada@” is no mail address"),
        ("ada@exa mple.com", "is no mail address"),
        ("a@b..c", "is no mail address"),
        ("a@b\r\nBcc: x@y.z", "is no mail address"),
        ("<#C0123456789>", "there is no outlet"),
    ],
)
def test_what_can_mean_nobody_is_told_in_a_sentence_with_what_to_write(to: str, why: str) -> None:
    """As far as that is known without asking Slack."""
    found = problem(to, outlets=["oncall"])
    assert found is not None
    assert why in found
    assert "ada@example.com for mail" in found
    assert "\n" not in found
