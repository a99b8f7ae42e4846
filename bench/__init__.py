"""How fast and how small: `python -m bench` measures the product beside the least that could do the same work."""
