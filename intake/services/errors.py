"""Refusals that are not a broken rule of the domain."""

SENT_BEFORE = "This form was sent before, with something else in it. Open the page anew and look at what stands."
"""What a second press reads that is not the same press again."""


class Throttled(Exception):
    """Too many tries; the page says to wait."""


class Busy(Exception):
    """The database did not give its locks in time: nothing was done, trying again is right."""


class NotAllowed(Exception):
    """The person behind the act may not do it; the page is the same as for a closed one."""
