"""Settings of the web server, the same for `make run` and in production; gunicorn reads this file by itself."""

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
