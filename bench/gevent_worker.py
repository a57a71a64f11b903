"""gunicorn's gevent worker, with the site in native threads, so that its loop goes on; for ``bench.connections``.

Only sockets are made cooperative: with threads and locks, too, the pools of threads in which faces are searched stop
("Can only use Waiter.switch method from the Hub greenlet"). A greenlet receives a request's whole body; then a thread
answers it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from unittest import mock

import gevent
from gevent import monkey
from gunicorn.workers.ggevent import GeventWorker


class PooledGeventWorker(GeventWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Each connection has a greenlet, each request whose body is there a thread."""

    def patch(self) -> None:
        """Make sockets cooperative, and neither threads nor queues."""
        only_sockets = partial(monkey.patch_all, thread=False, queue=False, subprocess=False)
        with mock.patch.object(monkey, "patch_all", only_sockets):
            super().patch()

    def load_wsgi(self) -> None:
        """Load the site, to be called in the pool."""
        gevent.get_hub().threadpool.maxsize = self.cfg.threads
        self.wsgi: Callable[..., Any] = in_pool(self.app.wsgi())


def in_pool(site: Callable[..., Iterable[bytes]]) -> Callable[..., Any]:
    """Return an application that receives the body, then calls the ``site`` in a native thread."""

    def answer(environ: dict[str, Any]) -> tuple[tuple[Any, ...], list[bytes]]:
        started: list[Any] = []
        parts = site(environ, lambda *head: started.extend(head))
        try:
            return tuple(started[:2]), list(parts)
        finally:
            getattr(parts, "close", lambda: None)()

    def receive(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read())
        head, parts = gevent.get_hub().threadpool.apply(answer, (environ,))
        start_response(*head)
        return list(parts)

    return receive
