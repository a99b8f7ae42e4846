"""Looking for anomalies: in series that somebody brings along."""
