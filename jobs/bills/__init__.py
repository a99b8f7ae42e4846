"""Reading bills: open a delivery, recognize it, bring it into FOCUS, check it, load it."""
