"""What could be saved, and how a recommendation lives."""
