"""Rate limit: photos an address and window, groups of people counting as several.

Uses ``limits``, the library beneath Flask-Limiter: a request's cost is its number of photos, which is known only after
its form is parsed, and the extension's decorators count before (and it takes twice the memory). Fixed windows, because
they give an exact Retry-After.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, Response, current_app, g
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from model.photo.size import size_of
from webapp.services.request_stats import current_stats
from webapp.services.visitor import current_visitor
from webapp.settings import Settings

# Timeout of a Redis call, so that an unreachable Redis does not delay photos for long.
REDIS_SECONDS = 1
NAMESPACE = "photos"
# What a photo is taken to cost before it is read: one, and one for each of these pixels. A phone's has 12 million.
PIXELS_A_UNIT = 12_500_000
MOST_PIXELS = 100_000_000
# Bytes in which a photo's size stands.
HEADER_BYTES = 256 * 1024
# Cost of an explanation in photos: 201 runs of the network take about as long as five photos of a phone.
EXPLANATION = 5


@dataclass(frozen=True, slots=True)
class Counter:
    """The rate and its storage."""

    rate: RateLimitItem  # Photos a window.
    storage: Storage  # Redis if configured, else this process's memory.
    fallback: Storage  # This process's memory, used while the storage cannot be reached.


def init_app(app: Flask, settings: Settings) -> None:
    """Set up the counter: in Redis if configured, in this process otherwise."""
    if settings.rate_limit is None:
        return
    app.after_request(_correct)
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
    """Count ``photos`` (at least one) for the client's address; raises TooManyRequests beyond the limit.

    A refused request is not counted; one with more photos than a window allows counts as a whole window.
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


def consume_photos(heads: Sequence[bytes], models: int = 1) -> None:
    """Count photos, each read by so many ``models``, by what the beginnings of their files say of their size.

    Corrected when they are read: one for each, and one for every FACES_A_UNIT faces. Raises TooManyRequests.
    """
    estimated = models * sum(_estimate(head) for head in heads)
    consume(estimated)
    g.estimated = (estimated, models)


def _estimate(head: bytes) -> int:
    width, height = size_of(head[:HEADER_BYTES]) or (0, 0)
    # A larger photo is read at an eighth of its size, or refused.
    return 1 + min(width * height, MOST_PIXELS) // PIXELS_A_UNIT


def _correct(response: Response) -> Response:
    """Count what the photos turned out to cost beyond the estimate, or give back what it was too much."""
    counter: Counter | None = current_app.extensions.get("photo_counter")
    estimated, models = g.pop("estimated", (0, 1))
    if counter is None or not estimated:
        return response
    stats = current_stats()
    charged = min(estimated, counter.rate.amount)
    more = max(models * (stats.units + stats.refused), 1) - charged
    key, expiry = counter.rate.key_for(NAMESPACE, current_visitor()), counter.rate.get_expiry()
    try:
        # A window that has ended meanwhile gets nothing back.
        if more > 0 or (more < 0 and counter.storage.get(key) >= -more):
            counter.storage.incr(key, expiry, amount=more)
    except StorageError:
        current_app.logger.warning("The rate limits' Redis does not answer; an estimate stays uncorrected")
    return response


def _seconds_to_wait(rate: RateLimitItem, storage: Storage, photos: int) -> int:
    """Count the photos and return 0, or return the seconds until the window ends."""
    window = FixedWindowRateLimiter(storage)
    address = current_visitor()
    cost = min(max(photos, 1), rate.amount)
    if window.test(rate, NAMESPACE, address, cost=cost) and window.hit(rate, NAMESPACE, address, cost=cost):
        return 0
    return max(1, math.ceil(window.get_window_stats(rate, NAMESPACE, address).reset_time - time.time()))
