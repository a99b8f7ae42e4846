"""Whether our totals are the provider's: values in, the residual and its causes out."""

from finops.reconcile.bridge import Bridge, bridge
from finops.reconcile.chain import Held, breaks, hidden
from finops.reconcile.commitments import Balance, Commitment, balance, worst
from finops.reconcile.figures import Comparison, Figure, compare, parse
from finops.reconcile.parts import Cause, Part, Sums, add
from finops.reconcile.statement import Invoice, Statement, open_since

__all__ = [
    "Balance",
    "Bridge",
    "Cause",
    "Commitment",
    "Comparison",
    "Figure",
    "Held",
    "Invoice",
    "Part",
    "Statement",
    "Sums",
    "add",
    "balance",
    "breaks",
    "bridge",
    "compare",
    "hidden",
    "open_since",
    "parse",
    "worst",
]
