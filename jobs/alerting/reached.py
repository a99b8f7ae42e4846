"""Whether those whom alert rules tell can be told, as far as that is known here: only the bot asks Slack."""

from __future__ import annotations

from finops.errors import CostsError
from finops.foreign import plain
from jobs.doctor import Check
from storage import alert_missed, alert_rules, migrate
from storage.database import transaction

WHO = "alerts"


def checks() -> list[Check]:
    """Return whom a rule could not tell; a database that is not there is told, too."""
    try:
        migrate.ensure()
        with transaction() as session:
            missed = alert_missed.of_rules(session, alert_rules.sound(alert_rules.listed(session)))
            return [
                Check(WHO, f"tell {plain(one.to)} of the rule “{plain(row.name)}”", well=False, advice=one.why)
                for row, one in missed
            ]
    except CostsError as error:
        return [Check(WHO, "read the alert rules", well=False, advice=str(error))]
