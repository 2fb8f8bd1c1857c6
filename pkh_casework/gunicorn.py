"""Settings of the application server: two processes with four threads each, on this machine only.

The way in from outside is a proxy that speaks TLS (docs/operations.md).
"""

from django.conf import settings

bind = f"127.0.0.1:{settings.PORT}"
wsgi_app = "pkh_casework.wsgi"
worker_class = "gthread"
workers = 2
threads = 4
max_requests = 2000  # a slow leak ends here; the jitter keeps the workers from restarting together
max_requests_jitter = 200
graceful_timeout = 10
control_socket_disable = True  # it would write into the home directory
loglevel = "warning"
