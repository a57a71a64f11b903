"""The uploads in flight: places for their requests, bytes as they arrive, and who gives way when there is no room.

Nothing is reserved for what a request only claims. One visitor never holds all places, one request never more than a
part of the bytes, and the first of each request's bytes always find room. When somebody waits, a body that trickles is
ended, and then what waits longest behind others of the visitor who holds most.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

MEBIBYTE = 1024 * 1024
# Bytes of each upload for which there is always room.
SMALL = MEBIBYTE
# Seconds that a request waits for a place, or a body for room, before it is told to come back.
PATIENCE = 8.0
# Requests that wait so at a time, and of them those of one visitor: each keeps a thread.
WAITING, WAITING_OF_ONE = 24, 18
# While others wait, a body that brings less than this is ended, after a grace in seconds.
BYTES_A_SECOND = 32_000
GRACE = 2.0
# Seconds after which a waiting request looks again.
LOOK_SECONDS = 0.2
# Part of the places that one visitor cannot have.
KEPT_FREE = 0.25


class Ended(Exception):
    """The upload gave way to others: it came in too slowly, or its visitor had the most."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why  # "slow" or "crowded".


class NoRoom(Exception):
    """Others are ahead, and none of them gave way in time."""


class Sender(Protocol):
    """The connection that an upload comes in on."""

    def pending(self) -> bool:
        """Return whether bytes have arrived that nobody has read yet."""
        ...

    def interrupt(self) -> None:
        """End a read that waits for the connection."""
        ...


class NoSender:
    """A sender whose bodies are there from the beginning."""

    def pending(self) -> bool:
        return True

    def interrupt(self) -> None:
        pass


@dataclass(eq=False, slots=True)
class Upload:
    """One request with a body."""

    visitor: str
    sender: Sender
    bytes: int = 0  # Arrived.
    receiving: bool = True  # Its body is not whole yet.
    begun: bool = False  # Its photos are being read, so that it no longer gives way.
    ended: str = ""  # Why it gives way; "" if it does not.
    waiting: bool = False  # For room, and so not for its sender.
    waited: float = 0.0  # Seconds, for its place.
    whole_at: float = 0.0  # When its last byte arrived, on the monotonic clock.
    _marked_at: float = field(default_factory=time.monotonic)
    _marked_bytes: int = 0

    def trickles(self) -> bool:
        """Return whether less has come lately than BYTES_A_SECOND, and not for want of a reader."""
        since = time.monotonic() - self._marked_at
        if not self.receiving or self.waiting or since < GRACE:
            return False
        return self.bytes - self._marked_bytes < BYTES_A_SECOND * since and not self.sender.pending()

    def add(self, size: int) -> None:
        """Count bytes that have arrived."""
        self.bytes += size
        since = time.monotonic() - self._marked_at
        if since >= GRACE and self.bytes - self._marked_bytes >= BYTES_A_SECOND * since:
            self.mark()

    def mark(self) -> None:
        """Measure the rate from now on."""
        self._marked_at, self._marked_bytes = time.monotonic(), self.bytes


@dataclass(slots=True)
class Uploads:
    """All of them; safe for threads."""

    places: int  # Requests in flight at most.
    max_bytes: int  # Sum of their bytes at most.
    largest: int  # Bytes of one of them at most.
    per_visitor: int  # Bodies of one visitor that arrive at a time, at most.
    patience: float = PATIENCE  # Seconds.
    _uploads: list[Upload] = field(default_factory=list)
    # Who waits for a place: number and visitor.
    _line: list[tuple[int, str]] = field(default_factory=list)
    _came: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def requests(self) -> int:
        """Requests in flight."""
        return len(self._uploads)

    @property
    def bytes(self) -> int:
        """Sum of their bytes."""
        return sum(upload.bytes for upload in self._uploads)

    def enter(self, visitor: str, sender: Sender | None = None) -> Upload:
        """Admit a request, whose body is there already if it has no sender. Raises NoRoom."""
        with self._changed:
            since = time.monotonic()
            self._came += 1
            me = (self._came, visitor)
            self._line.append(me)
            try:
                if not self._is_first(me):
                    own = sum(other == visitor for _, other in self._line)
                    if len(self._line) > WAITING or own > WAITING_OF_ONE:
                        raise NoRoom
                    self._wait_for(lambda: self._is_first(me), lambda: self._free_place(visitor))
            finally:
                self._line.remove(me)
                self._changed.notify_all()
            upload = Upload(visitor, sender or NoSender(), waited=time.monotonic() - since)
            self._uploads.append(upload)
            return upload

    def grow(self, upload: Upload, size: int) -> None:
        """Count ``size`` bytes that have arrived, when there is room. Raises NoRoom and Ended."""
        with self._changed:
            self.check(upload)
            if not self._has_room(upload, size):
                upload.waiting = True
                try:
                    self._wait_for(
                        lambda: bool(upload.ended) or self._has_room(upload, size),
                        lambda: self._free_bytes(upload),
                    )
                finally:
                    upload.waiting = False
                    upload.mark()
                self.check(upload)
            upload.add(size)

    def complete(self, upload: Upload) -> None:
        """Note that a body is whole. Raises Ended."""
        with self._changed:
            self.check(upload)
            upload.receiving, upload.whole_at = False, time.monotonic()
            self._changed.notify_all()

    def leave(self, upload: Upload) -> None:
        """Give its place and its bytes back."""
        with self._changed:
            self._uploads.remove(upload)
            self._changed.notify_all()

    @staticmethod
    def check(upload: Upload) -> None:
        """Raise Ended if the upload gave way."""
        if upload.ended:
            raise Ended(upload.ended)

    def _wait_for(self, ready: Callable[[], bool], make_way: Callable[[], None]) -> None:
        until = time.monotonic() + self.patience
        while not ready():
            make_way()
            left = until - time.monotonic()
            if left <= 0:
                raise NoRoom
            self._changed.wait(min(left, LOOK_SECONDS))

    def _is_first(self, me: tuple[int, str]) -> bool:
        """Return whether there is a place, and nobody has fewer or, with as many, came before."""
        held = Counter(upload.visitor for upload in self._uploads)
        able = [one for one in self._line if self._has_place(one[1])]
        return bool(able) and me == min(able, key=lambda one: (held[one[1]], one[0]))

    def _has_place(self, visitor: str) -> bool:
        own = [upload for upload in self._uploads if upload.visitor == visitor]
        most = self.places - int(self.places * KEPT_FREE)
        return (
            len(self._uploads) < self.places
            and len(own) < most
            and sum(upload.receiving for upload in own) < self.per_visitor
        )

    def _has_room(self, upload: Upload, size: int) -> bool:
        if len(self._uploads) == 1:
            return True
        kept = min(self.places * SMALL, self.max_bytes // 2)
        large = sum(max(0, other.bytes - SMALL) for other in self._uploads)
        more = max(0, upload.bytes + size - SMALL) - max(0, upload.bytes - SMALL)
        in_part = not more or large + more <= max(self.max_bytes - kept, self.largest)
        return in_part and self.bytes + size <= max(self.max_bytes, self.largest + kept)

    def _free_place(self, visitor: str) -> None:
        own = [upload for upload in self._uploads if upload.visitor == visitor]
        # A visitor's own bodies stand in its way only.
        self._end_one(self._uploads if len(self._uploads) >= self.places else own, visitor, lambda upload: 1)

    def _free_bytes(self, upload: Upload) -> None:
        self._end_one(self._uploads, upload.visitor, lambda other: other.bytes)

    def _end_one(self, among: list[Upload], visitor: str, weight: Callable[[Upload], int]) -> None:
        """End a body that trickles; else the newest upload of the visitor who has the most, if that is another."""
        if any(upload.ended for upload in self._uploads):
            # It leaves soon.
            return
        slow = [upload for upload in among if upload.trickles()]
        if slow:
            self._end(max(slow, key=weight), "slow")
            return
        held: Counter[str] = Counter()
        for upload in among:
            held[upload.visitor] += weight(upload)
        most = max(held, key=held.__getitem__, default=visitor)
        theirs = [upload for upload in among if upload.visitor == most and not upload.begun]
        if most != visitor and theirs and held[most] - weight(theirs[-1]) > held[visitor]:
            self._end(theirs[-1], "crowded")

    @staticmethod
    def _end(upload: Upload, why: str) -> None:
        upload.ended = why
        if upload.receiving:
            upload.sender.interrupt()
