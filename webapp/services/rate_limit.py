"""How many photos one address may send in a while.

Counted with ``limits``, the library beneath Flask-Limiter: a request costs as much as it has photos, which is known
only once its form is read, and the extension's decorators count before that (and it takes twice the memory).
Fixed windows, because they can say exactly when to come back.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from flask import Flask, current_app, request
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from webapp.settings import Settings

# A Redis that does not answer must not hold up the photo that waits for it.
REDIS_SECONDS = 1
NAMESPACE = "photos"


@dataclass(frozen=True, slots=True)
class Counter:
    """The rate and where it is counted."""

    rate: RateLimitItem
    storage: Storage
    fallback: Storage  # While the storage cannot be reached.


def init_app(app: Flask, settings: Settings) -> None:
    """Set up the counting, in Redis where one is configured and in this process otherwise."""
    if settings.rate_limit is None:
        return
    fallback = MemoryStorage()
    storage: Storage = fallback
    if settings.redis_url:
        storage = RedisStorage(
            settings.redis_url,
            wrap_exceptions=True,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
        )
    app.extensions["photo_counter"] = Counter(parse(settings.rate_limit), storage, fallback)


def consume(photos: int) -> None:
    """Count ``photos`` (at least one) for the visitor's address; raises TooManyRequests beyond the limit.

    A refused request costs nothing, and one with more photos than a whole window allows costs a whole window.
    """
    counter: Counter | None = current_app.extensions.get("photo_counter")
    if counter is None:
        return
    try:
        seconds = _seconds_to_wait(counter.rate, counter.storage, photos)
    except StorageError:
        current_app.logger.warning("The rate limits' Redis does not answer; counting in this process")
        seconds = _seconds_to_wait(counter.rate, counter.fallback, photos)
    if seconds:
        raise TooManyRequests(retry_after=seconds)


def _seconds_to_wait(rate: RateLimitItem, storage: Storage, photos: int) -> int:
    """Count and return 0, or return how many seconds the window still lasts."""
    window = FixedWindowRateLimiter(storage)
    address = request.remote_addr or "unknown"
    cost = min(max(photos, 1), rate.amount)
    if window.test(rate, NAMESPACE, address, cost=cost) and window.hit(rate, NAMESPACE, address, cost=cost):
        return 0
    return max(1, math.ceil(window.get_window_stats(rate, NAMESPACE, address).reset_time - time.time()))
