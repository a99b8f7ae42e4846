"""Sections of the Home tab, each drawn from values alone."""
