"""Anomalies of daily cost: what is rare in a series' own past, what kind it is, since when, and what it costs."""
