"""Development pages: one-press sign-in and the mailbox. Registered in development only."""

from intake.web.access import open_area

bp = open_area("dev", url_prefix="/dev")
