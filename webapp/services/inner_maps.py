"""The network with its feature maps, for pages that look inside: loaded when one is asked for, dropped when none is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import cast

from flask import Flask, current_app

from model.inside.feature_maps import FeatureMaps
from webapp.services.inference import current_models

IDLE_SECONDS = 600.0

Later = Callable[[float, Callable[[], None]], object]


class Kept:
    """One network with its maps, kept until it was not asked for during ``IDLE_SECONDS``; safe for threads.

    ``clock`` gives seconds, and ``later`` calls a function after so many.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, later: Later | None = None) -> None:
        self._clock, self._later = clock, later or _timer
        self._lock = threading.Lock()
        self._held: tuple[str, FeatureMaps] | None = None
        self._used = 0.0
        self._waits = False  # Whether ``_look`` will be called.

    @property
    def held(self) -> bool:
        """Whether a network is in memory."""
        return self._held is not None

    def get(self, name: str, load: Callable[[str], FeatureMaps]) -> FeatureMaps:
        """Return the maps of the model ``name``, calling ``load`` if they are not there."""
        with self._lock:
            self._used = self._clock()
            if self._held is None or self._held[0] != name:
                self._held = (name, load(name))
            if not self._waits:
                self._waits = True
                self._later(IDLE_SECONDS, self._look)
            return self._held[1]

    def drop(self) -> None:
        """Forget the network."""
        with self._lock:
            self._held = None

    def _look(self) -> None:
        with self._lock:
            left = self._used + IDLE_SECONDS - self._clock()
            if self._held is not None and left > 0:
                self._later(left, self._look)
                return
            self._held, self._waits = None, False


def _timer(seconds: float, call: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(seconds, call)
    timer.daemon = True  # The process may end before.
    timer.start()
    return timer


def init_app(app: Flask) -> None:
    """Keep nothing yet."""
    app.extensions["inner_maps"] = Kept()


def inner_maps(name: str) -> FeatureMaps | None:
    """Return the feature maps of a model; None if it has none. Raises SavedModelError if a file is altered."""
    models = current_models()
    if not models.has_maps(name):
        return None
    return cast(Kept, current_app.extensions["inner_maps"]).get(name, models.load_maps)
