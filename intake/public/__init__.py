"""Pages for anyone: what the clinic does and how to ask for a consultation."""

from intake.web.access import open_area

bp = open_area("public")

from intake.public import routes  # noqa: E402  # its pages hang on the blueprint

__all__ = ["bp", "routes"]
