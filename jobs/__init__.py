"""What the clock starts: schedule.py is the whole timetable; one verb, one file."""
