"""Our totals beside the provider's own: gathered here, judged by `finops.reconcile`."""
