"""The one exception for input that cannot be used, and its one printable line."""

from collections.abc import Sequence

MAX_LINE = 500
MAX_WHERE = 120
MAX_WHAT = 160
ROOM_FOR_COUNT = 20


def printable(text: str) -> str:
    """`text` with every control, bidi, newline and other invisible character shown as its escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


class InputError(ValueError):
    """Input that cannot be used.

    `where` is a file as the user named it, 'link' or 'command line'; `what` a dotted key, or '' for the
    whole; `why` says what is wrong and what is allowed. All three are stored escaped and cut to `MAX_LINE`
    characters. `str()` is one printable line of at most `MAX_LINE` characters.
    """

    def __init__(self, where: str, what: str, why: str) -> None:
        super().__init__(where, what, why)
        self.where, self.what, self.why = (
            _short(printable(part[: MAX_LINE + 1]), MAX_LINE) for part in (where, what, why)
        )

    @property
    def errors(self) -> list["InputError"]:
        """The single errors: itself, or all that an `InputErrors` holds."""
        return [self]

    def __str__(self) -> str:
        head = "".join(f"{part}: " for part in (_short(self.where, MAX_WHERE), _short(self.what, MAX_WHAT)) if part)
        return head + _short(self.why, MAX_LINE - ROOM_FOR_COUNT - len(head))


class InputErrors(InputError):  # noqa: N818
    """Several input errors found together. `where`, `what` and `why` are those of the first.

    Raises ValueError when `errors` is empty.
    """

    def __init__(self, errors: Sequence[InputError]) -> None:
        self._errors = [single for error in errors for single in error.errors]
        if not self._errors:
            raise ValueError("InputErrors needs at least one error")
        first = self._errors[0]
        super().__init__(first.where, first.what, first.why)
        self.args = (self._errors,)

    @property
    def errors(self) -> list[InputError]:
        """All errors, in the order found."""
        return self._errors

    def __str__(self) -> str:
        more = len(self._errors) - 1
        return super().__str__() + (f" (and {more} more)" if more else "")
