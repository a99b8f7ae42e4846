"""One folder a provider; none imports another."""
