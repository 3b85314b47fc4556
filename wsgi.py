"""Entry point of the server and of `flask --app wsgi …`."""

from intake import create_app

app = create_app()
