"""What a rule would have told over the last year of the ledger: shown before it is saved, which is never done here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finops.anomalies.replay import Found, Judged, Replay, compare, spanned
from finops.anomalies.rules import Rule, rule_of, with_rule
from finops.anomalies.scopes import Scope
from finops.anomalies.series import Sensitivity
from finops.errors import CostsError
from finops.trend import complete_through
from jobs.anomalies import find, watching
from storage import accounts, anomaly_rules, charges, verdicts
from storage.database import transaction
from storage.settings import settings


@dataclass(frozen=True, slots=True)
class Replayed:
    """A rule, how the series are watched that it decides on, what it would have told, and what accounts are called."""

    rule: Rule
    currency: str
    wanted: Sensitivity
    found: Replay
    called: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Past:
    """The series of one currency, and what was said of their events."""

    estate: find.Estate
    named: Mapping[str, str]
    judged: Sequence[Judged]

    def told(self, rules: Sequence[Rule]) -> Found:
        """Judge every series by its rule alone: what people said since was not known on the days that are judged."""
        deciding = self.deciding(rules)
        wanted = {scope.written(): rule.sensitivity(self.estate.usual) for scope, rule in deciding.items()}
        known = [one for one in self.estate.known if not deciding[one[0]].ignore]
        found = [*watching.found(known, wanted), *self.estate.turned(deciding)]
        return [one for one in found if deciding[one[0]].tells(*one)]

    def deciding(self, rules: Sequence[Rule]) -> dict[Scope, Rule]:
        """Return which rule decides on each series."""
        return {scope: rule_of(scope, rules, self.named) for scope in self.estate.rules}


def run(changed: Rule, *, currency: str | None = None) -> Replayed:
    """Replay the rules with this one in its place against the rules as they are. Raises CostsError.

    The floors that a rule leaves out are those of the estate as it is now; all else is judged by what was known that
    day.
    """
    rules = anomaly_rules.rules(settings().home)
    with transaction() as session:
        complete_through(charges.settled_through(session))  # an empty ledger is told as such
        currency = _currency(charges.currencies(session), currency)
        judged = verdicts.judged(session, currency)
        past = _Past(find.estate(session, currency), accounts.names(session), judged)
        called = accounts.labels(session)
    if not past.estate.known:
        message = f"No day in {currency} is settled yet, so there is nothing to replay: try again in a few days."
        raise CostsError(message)
    after = with_rule(rules, changed)
    deciding = {scope for scope, rule in past.deciding(after).items() if rule is changed}
    before, then = past.told(rules), past.told(after)
    found = compare(spanned(past.estate.known), deciding, then, before, past.judged, reach=past.estate.reach)
    return Replayed(changed, currency, changed.sensitivity(past.estate.usual), found, called)


def _currency(known: Sequence[str], wanted: str | None) -> str:
    if wanted is not None and wanted.upper() not in known:
        message = f"There are no costs in {wanted[:10]}: choose {', '.join(known)}."
        raise CostsError(message)
    return wanted.upper() if wanted is not None else known[0]
