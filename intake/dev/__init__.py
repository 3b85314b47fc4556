"""Development pages: one-press sign-in and the mailbox. Registered in development only."""

from intake.web.access import open_area

bp = open_area(
    "dev",
    url_prefix="/dev",
    nav=(("Sign in as", "dev.sign_in"), ("Code", "dev.code"), ("Mailbox", "dev.mailbox")),
)

from intake.dev import mail, sign_in  # noqa: E402  # their pages hang on the blueprint

__all__ = ["bp", "mail", "sign_in"]
