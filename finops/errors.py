"""Errors that a person can act on: one sentence that says what, where, what was expected and what to do."""

from finops.foreign import harmless


class CostsError(Exception):
    """A known failure. Its message is shown to people as it is, so it is one sentence with a way out."""

    def __init__(self, message: str = "") -> None:
        """Leave out what a terminal would obey: a message may quote what stands in somebody's file."""
        super().__init__(harmless(message))


class CurrencyMismatchError(CostsError):
    """Two amounts of different currencies were added or compared."""

    def __init__(self, one: str, other: str) -> None:
        """Name both currencies."""
        super().__init__(f"{one} and {other} cannot be added: ask for one currency at a time.")


class UnknownWordError(CostsError):
    """A word of a question was not understood."""

    def __init__(self, word: str, closest: str | None, example: str) -> None:
        """Offer the closest known word, if any, and an example that works."""
        guess = f" Did you mean “{closest}”?" if closest else ""
        super().__init__(f"I don't know “{word}”.{guess} For example: {example}")
        self.word, self.closest, self.example = word, closest, example


class BadDeliveryError(CostsError):
    """A bill could not be read. Nothing of it was stored."""

    def __init__(self, file: str, problem: str, *, row: int | None = None, column: str | None = None) -> None:
        """Say where (file, row counted from 1 after the header, column) and what was expected."""
        place = ", ".join(
            part for part in (file, f"row {row}" if row else "", f"column {column}" if column else "") if part
        )
        super().__init__(f"{place}: {problem}")
        self.file, self.row, self.column = file, row, column


class NotAllowedError(CostsError):
    """The person may not do this."""


class NotOpenError(CostsError):
    """A recommendation was decided before; the first decision stands."""


class BadSettingError(CostsError):
    """A setting or a configuration file is wrong."""


class UnavailableError(CostsError):
    """Something the work needs (the database, a port, disk space, a tool) is not there."""


def was_stopped(error: BaseException) -> bool:
    """Whether Ctrl-C is behind an error: DuckDB tells of it as a RuntimeError."""
    behind = error.__cause__ or error.__context__
    return isinstance(error, KeyboardInterrupt) or (behind is not None and was_stopped(behind))
