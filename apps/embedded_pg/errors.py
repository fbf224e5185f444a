"""The one exception of the embedded PostgreSQL."""

from django.db.utils import OperationalError


class ClusterError(OperationalError):
    """The embedded PostgreSQL cannot be used; the message is a sentence that says what to do.

    It is an OperationalError, so that code written for any server that is down treats this one alike.
    """

    @property
    def sentence(self) -> str:
        """The message, complete as it stands."""
        return str(self)
