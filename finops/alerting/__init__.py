"""Alert rules of people: what they watch, when they tell, whom, and what becomes of an alert."""
