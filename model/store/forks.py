"""What has threads or locks of its own, made anew in a process that was forked from the one that made it.

Only the thread that forks goes on in the child: a pool's threads are gone, and a lock that another thread held is never
released. Whoever waits for one of them there waits for ever.
"""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_alive: weakref.WeakSet[Any] = weakref.WeakSet()  # What is to be forgotten in a forked process.


class Renewed(Generic[T]):
    """``make()``, once in each process that uses it."""

    def __init__(self, make: Callable[[], T], first: T | None = None) -> None:
        self._make = make
        self._made: T | None = make() if first is None else first
        _alive.add(self)

    def get(self) -> T:
        """Return what was made in this process, making it if there is none yet; raises what ``make`` raises.

        Two threads that come first at the same time may each make one; the later stays.
        """
        made = self._made
        if made is None:
            made = self._made = self._make()
        return made

    def forget(self) -> None:
        """Leave what another process made as it is, for good: to end it would be to wait for its threads."""
        if self._made is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._made))
            self._made = None


def _forget_all() -> None:
    for each in list(_alive):
        each.forget()


# Windows does not fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


class ForkSafeLock:
    """A lock that no forked process inherits as taken."""

    def __init__(self) -> None:
        self.forget()
        _alive.add(self)

    def forget(self) -> None:
        """Begin with a lock that nobody holds."""
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
