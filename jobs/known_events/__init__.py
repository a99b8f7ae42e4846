"""Known events from outside: files that people keep, calendars, public holidays."""
