"""Looking at what discovery found: which resources there are, what each costs, and how much of it is used."""
