"""The rules, in FOCUS's words: values in, values out. No I/O, no clock, no environment."""
