"""The one exception a broken rule raises."""


class DomainError(Exception):
    """A rule was broken. The message may be shown to a person and never quotes health data.

    `field` names the form field to blame, or None when the whole request is at fault.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
