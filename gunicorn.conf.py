"""How gunicorn serves the site; read by every ``gunicorn wsgi:app``.

Each worker loads the model for itself, once, at start-up (``preload_app`` stays False): an ONNX Runtime
session has threads of its own, and those do not survive the fork that makes a worker.
"""

import ctypes
import os
import shutil
import tempfile
from pathlib import Path

# A platform gives the port and wants every interface; `make run` passes HOST=127.0.0.1.
host = os.environ.get("HOST", "0.0.0.0")  # noqa: S104  # a dyno is reached from outside by design
port = os.environ.get("PORT", "8000")
bind = f"{host}:{port}"

# One process with a few threads: the session is shared safely between threads, and a second process would
# cost its memory again. Threads beyond the photos in progress and in the queue (QUEUE_SIZE) keep pages and health
# checks answering, and say "busy" at once.
# gunicorn's own worker with threads (gthread), with limits on how long a visitor may take: see gunicorn_worker.py.
worker_class = "gunicorn_worker.TimeoutWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
threads = int(os.environ.get("GUNICORN_THREADS", "24"))
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

# No access log: it would keep addresses of visitors for nothing. The site writes a line of its own for each request
# (webapp/middleware/request_log.py); everything goes to the platform's log, as JSON or, where a person reads along,
# as text.
accesslog = None
loglevel = os.environ.get("LOG_LEVEL", "info")
json_lines = os.environ.get("LOG_FORMAT", "json") != "text"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        }
        if json_lines
        else {"format": "%(asctime)s %(levelname)s %(message)s", "datefmt": "%H:%M:%S"},
    },
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["out"], "level": loglevel.upper()},
    "loggers": {"gunicorn.error": {"handlers": [], "propagate": True}, "gunicorn.access": {"handlers": []}},
}

# Several workers count in files that they share; without a place in memory for those each speaks for itself.
if os.environ.get("METRICS_TOKEN") and workers > 1 and worker_tmp_dir:
    os.environ.setdefault(
        "PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="emotion-metrics-", dir=worker_tmp_dir)
    )


def child_exit(server, worker):  # type: ignore[no-untyped-def]  # gunicorn ships no types
    """Take what a worker that ended had in progress out of the shared figures."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server):  # type: ignore[no-untyped-def]
    """Leave nothing behind."""
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(folder, ignore_errors=True)


def post_fork(server, worker):  # type: ignore[no-untyped-def]
    """Make all threads of a worker share one heap and give large pieces back at once, where the C library is glibc.

    It would otherwise give each thread a heap of its own, and keep what the largest photo took in each of them.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        # As malloc.h numbers them.
        mmap_threshold, arena_max = -3, -8
        mallopt(arena_max, 1)
        mallopt(mmap_threshold, 2 << 20)
