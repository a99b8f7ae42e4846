"""The commands that work: ingest, export, run, db, demo and the processes of the Procfile."""
