"""Settings of the web server, the same for `make run` and in production; gunicorn reads this file by itself."""

import sys

from config import Config
from intake.start import faults

worker_class = "gthread"
workers = 2
threads = 4
preload_app = True
control_socket_disable = True  # else a socket in the home folder
graceful_timeout = 10
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
loglevel = "warning"


def on_starting(_server: object) -> None:
    """Refuse to serve without keys, and in production without TLS in front."""
    found = list(faults(Config.from_environment(), sends_mail=False))
    if found:
        sys.exit("\n".join(found))
