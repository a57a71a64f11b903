"""gunicorn's gevent worker, with inference in native threads, so that its loop goes on; for ``bench.connections``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker


class PooledGeventWorker(GeventWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Each connection has a greenlet; detecting and classifying run in gevent's pool of threads."""

    def load_wsgi(self) -> None:
        """Load the site, then move what computes into the pool."""
        super().load_wsgi()
        from model.recognizer import Recognizer

        for name in ("detect", "classify"):
            setattr(Recognizer, name, in_pool(getattr(Recognizer, name)))


def in_pool(work: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that does the work in a native thread while other greenlets go on."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return gevent.get_hub().threadpool.apply(work, args, kwargs)

    return call
