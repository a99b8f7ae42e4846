"""Forecasts made under guard: the model libraries run in a child process with limits, or not at all."""
