"""The notebooks under test: their rules, their runs, their guards."""
