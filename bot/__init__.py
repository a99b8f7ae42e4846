"""Where people ask: listeners by intent, blocks as pure builders, the web process, the asking commands."""
