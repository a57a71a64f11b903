"""How gunicorn serves the site; read by every ``gunicorn wsgi:app``.

Each worker loads the model for itself, once, at start-up (``preload_app`` stays False): an ONNX Runtime
session has threads of its own, and those do not survive the fork that makes a worker.
"""

import os
from pathlib import Path

# A platform gives the port and wants every interface; `make run` passes HOST=127.0.0.1.
host = os.environ.get("HOST", "0.0.0.0")  # noqa: S104  # a dyno is reached from outside by design
bind = f"{host}:{os.environ.get('PORT', '8000')}"

# One process with a few threads: the session is shared safely between threads, and a second process would
# cost its memory again. Threads beyond the analyses in progress keep pages and health checks answering.
# gunicorn's own worker with threads (gthread), with limits on how long a visitor may take: see patience.py.
worker_class = "patience.PatientWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
threads = int(os.environ.get("GUNICORN_THREADS", "8"))
preload_app = False
# Nobody steers this server from beside it, so there is no socket in the home folder to do so.
control_socket_disable = True

# ONNX Runtime's official builds report what they run to their maker unless told not to before they start;
# this site sends nothing anywhere. ("Disabling Telemetry" in the Privacy.md that it ships.)
raw_env = ["ORT_DISABLE_TELEMETRY=1"]

# The first is how long a silent worker lives, the second what requests in progress get at a restart
# (Heroku kills after 30 s), the third outlives no router's idle connection.
timeout = 60
graceful_timeout = 25
keepalive = 5

# A worker shows that it lives by touching a file; in memory where there is such a place, because a slow
# disk makes that touch, and so the worker, hang.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # gunicorn makes it private

# No access log: it would keep addresses of visitors for nothing. Errors go to the platform's log.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "info")
