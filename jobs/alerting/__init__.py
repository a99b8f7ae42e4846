"""Alert rules at work: what they find is told, followed, and closed."""
