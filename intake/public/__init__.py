"""Pages for anyone: what the clinic does and how to ask for a consultation."""

from intake.web.access import open_area

bp = open_area("public")
