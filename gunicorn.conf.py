"""How gunicorn serves the site; read by every ``gunicorn wsgi:app``.

Each worker loads the model once, at start-up (``preload_app`` is False): the threads of an ONNX Runtime session do not
survive the fork that makes a worker. The master imports everything, for all workers: importing the worker's class
imports the site. So a worker that is replaced leaves the site without one for a third of a second only.
"""

import ctypes
import gc
import os
import resource
from pathlib import Path

# A platform sets PORT and needs all interfaces; `make run` passes HOST=127.0.0.1.
host = os.environ.get("HOST", "0.0.0.0")  # noqa: S104  # a dyno is reached from outside by design
port = os.environ.get("PORT", "8000")
bind = f"{host}:{port}"

# One process with threads: they share the session, and a second process would need its memory again. The threads beyond
# MAX_CONCURRENT and QUEUE_SIZE hold uploads that wait for a place (up to 24), and answer pages, checks and "busy".
# gunicorn's gthread worker, in which a connection has a thread only while it is answered: see gunicorn_worker.py.
worker_class = "gunicorn_worker.TimeoutWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
threads = int(os.environ.get("GUNICORN_THREADS", "48"))
preload_app = False
# Connections of one worker. Each is a descriptor, and the rest of the process needs some, too.
most_descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
worker_connections = max(threads + 8, min(800, most_descriptors - 128))
# Answers are sent by the worker's own connections, which do not wait for slow readers.
sendfile = False
# No control socket in the home folder; it is not used.
control_socket_disable = True

# ONNX Runtime's official builds send telemetry unless this is set before they start ("Disabling Telemetry" in the
# Privacy.md that it ships).
raw_env = ["ORT_DISABLE_TELEMETRY=1"]

# Seconds: until a worker without a heartbeat is killed; for requests in progress at a restart (Heroku kills after 30);
# for an idle connection, less than routers keep theirs.
timeout = 60
graceful_timeout = 25
keepalive = 5

# Folder of the workers' heartbeat files; in memory if possible, because a slow disk would block the worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # gunicorn makes it private

# No access log, which would contain addresses of clients: the site logs each request itself
# (webapp/middleware/request_log.py). Everything goes to standard error, as JSON or text (LOG_FORMAT).
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
    "filters": {"private": {"()": "webapp.serving.private.WithoutVisitors"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "lines", "filters": ["private"]}},
    "root": {"handlers": ["out"], "level": loglevel.upper()},
    "loggers": {"gunicorn.error": {"handlers": [], "propagate": True}, "gunicorn.access": {"handlers": []}},
}


def on_starting(server):  # type: ignore[no-untyped-def]  # gunicorn ships no types
    """Let several workers share files with their metrics, in memory; without a folder each reports only its own."""
    from webapp.serving.private import make_shared_folder

    wanted = os.environ.get("METRICS_TOKEN") and workers > 1 and worker_tmp_dir
    if wanted and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = make_shared_folder(wanted)


def when_ready(server):  # type: ignore[no-untyped-def]
    """Keep what the master has imported out of the collector's sight, so that workers go on sharing its memory."""
    gc.collect()
    gc.freeze()


def pre_request(worker, req):  # type: ignore[no-untyped-def]
    """Do not log each request's path at the level DEBUG, as gunicorn does by default."""


def child_exit(server, worker):  # type: ignore[no-untyped-def]  # gunicorn ships no types
    """Remove an ended worker's gauges from the shared metrics."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server):  # type: ignore[no-untyped-def]
    """Remove the shared metrics folder."""
    from webapp.serving.private import remove_shared_folder

    remove_shared_folder()


def worker_exit(server, worker):  # type: ignore[no-untyped-def]
    """Remove it, too, if the master was killed and cannot."""
    if worker.ppid != os.getppid():
        on_exit(server)  # type: ignore[no-untyped-call]


def post_fork(server, worker):  # type: ignore[no-untyped-def]
    """With glibc, let all threads of a worker share one heap, and return large allocations to the system at once.

    By default each thread has a heap (arena) of its own, which keeps the memory of the largest photo.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        # Constants of malloc.h.
        mmap_threshold, arena_max = -3, -8
        mallopt(arena_max, 1)
        mallopt(mmap_threshold, 2 << 20)
