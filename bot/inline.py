"""How Bolt runs listeners here: the acknowledging part when asked for it, the work in the worker's own thread."""

from __future__ import annotations

from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.kwargs_injection import build_required_kwargs
from slack_bolt.listener import Listener
from slack_bolt.listener.thread_runner import ThreadListenerRunner
from slack_bolt.util.utils import get_arg_names_of_callable

ACKNOWLEDGING = "costs_acknowledging"
"""In the context of a request of which only the acknowledgement is wanted: Slack waits for it."""


class Inline(ThreadListenerRunner):
    """Runs a listener's acknowledging function, and then, unless that sent a form back, its lazy ones, one by one.

    An acknowledging function looks at a delivery and changes nothing: a form's runs twice, once while Slack waits.
    """

    def run(
        self,
        request: BoltRequest,
        response: BoltResponse,
        listener_name: str,
        listener: Listener,
        starting_time: float | None = None,
    ) -> BoltResponse:
        """Run it to its end; errors are the caller's."""
        del listener_name, starting_time
        ack = request.context.ack
        listener.run_ack_function(request=request, response=response)
        answer = ack.response or ack()
        if not request.context.get(ACKNOWLEDGING) and '"errors"' not in (answer.body or ""):
            for function in listener.lazy_functions:
                self._work(function, request)
        return answer

    def _work(self, function: Any, request: BoltRequest) -> None:  # noqa: ANN401  Bolt takes any signature
        names = get_arg_names_of_callable(function)
        given = build_required_kwargs(
            logger=self.logger, required_arg_names=names, request=request, response=None, this_func=function
        )
        function(**given)


def install(app: App) -> None:
    """Have an app run its listeners this way."""
    usual = app.listener_runner
    app._listener_runner = Inline(  # noqa: SLF001  Bolt has no other way to set it
        logger=usual.logger,
        process_before_response=True,
        listener_error_handler=usual.listener_error_handler,
        listener_start_handler=usual.listener_start_handler,
        listener_completion_handler=usual.listener_completion_handler,
        listener_executor=usual.listener_executor,
        lazy_listener_runner=usual.lazy_listener_runner,
    )
