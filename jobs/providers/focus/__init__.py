"""Whoever delivers FOCUS."""
