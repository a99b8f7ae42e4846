"""What the web and the bot process have in common: an intake, and a crew that works off what it took in."""

from __future__ import annotations

from dataclasses import dataclass

from bot import app, warming
from bot.crew import Crew
from bot.intake import Intake


@dataclass(frozen=True, slots=True)
class Talking:
    """The running parts."""

    intake: Intake
    crew: Crew

    def stop(self) -> None:
        """Finish what is being worked on; what waits is worked off by whoever starts next."""
        self.crew.stop()


def start() -> Talking:
    """Start them. What an earlier process took in and did not finish is worked off first."""
    warming.in_background()
    crew = Crew().start()
    return Talking(Intake(app.build(), crew.ring), crew)
