"""What a file is refused with: a reason code for machines and one line for people."""

MESSAGE_LENGTH = 300
ADVICE = "take the file from a backup, or try sqlite3's .recover"


class Refused(Exception):
    """A source file that is not imported at all.

    `reason` is a code: not_a_file, empty_file, not_sqlite, corrupt, locked, no_space (or the caller's own);
    `message` is one printable line about "it", the file: what is wrong and what to do.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, one_line(message))
        self.reason = reason
        self.message = one_line(message)

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"


def one_line(text: object) -> str:
    """Escape everything unprintable, so that names from a file break neither line nor terminal."""
    shown = str(text)
    escaped = "".join(mark if mark.isprintable() else _escaped(mark) for mark in shown[:MESSAGE_LENGTH])
    return escaped if len(shown) <= MESSAGE_LENGTH else escaped + "…"


def _escaped(mark: str) -> str:
    return mark.encode("unicode_escape", "surrogatepass").decode("ascii")
