"""The demo: a fictional company with three clouds, and the one command that shows the whole product."""
