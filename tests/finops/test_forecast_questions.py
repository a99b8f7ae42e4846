"""What is asked: one key a question, filters in words."""

from __future__ import annotations

import pytest

from finops.errors import BadSettingError
from finops.forecasting import questions
from finops.forecasting.questions import Question

WHERE = {"provider": ["aws", "azure"], "tag:env": [""]}


def test_filters_survive_their_way_into_a_notebook() -> None:
    """A value may hold an equals sign."""
    asked = {**WHERE, "resource": ["a=b"]}
    assert questions.told(questions.listed(asked)) == asked
    assert questions.told(None) == {}


@pytest.mark.parametrize("text", ["provider", "=aws", " =aws"])
def test_what_is_no_filter_is_refused(text: str) -> None:
    """With an example."""
    with pytest.raises(BadSettingError, match="is no filter: write it as provider=aws"):
        questions.told([text])


def test_it_is_said_in_few_words() -> None:
    """As a list of models shows it."""
    question = Question(by="service_name", where=WHERE, currency="USD", metric="effective_cost")
    assert question.said() == "by service, where provider is aws or azure and env is no env tag, USD"
    assert question.model_copy(update={"by": None, "where": {}}).said() == "as a whole, USD"
