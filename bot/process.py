"""What the web and the bot process have in common: an intake, workers, and the outbox's postman."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from bot import app, deliver, warming
from bot.intake import Intake
from bot.working import Workers


@dataclass(frozen=True, slots=True)
class Talking:
    """The running parts."""

    intake: Intake
    workers: Workers
    postman: threading.Event

    def stop(self) -> None:
        """Finish what is being worked on; what waits is worked off by whoever starts next."""
        self.postman.set()
        self.workers.stop()


def start() -> Talking:
    """Start them. What an earlier process took in and did not finish is worked off first."""
    warming.in_background()
    bolt = app.build()
    workers = Workers(bolt).start()
    return Talking(Intake(bolt, workers.ring), workers, deliver.run_in_background())
