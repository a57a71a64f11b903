"""What the main loop needs to know of a request before a thread reads it: whether its head, and a small body, is there.

Only for that. What the request says is up to gunicorn's parser, which reads the same bytes again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

END = b"\r\n\r\n"
# Bytes; gunicorn's own limits for a line and for all fields are 4 kB and 800 kB.
HEAD_BYTES = 32 * 1024
# Bytes of a body that the main loop waits for; a longer one is read by a thread as it comes in.
SMALL_BODY = 16 * 1024
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,12})[ \t]*\r\n", re.IGNORECASE)
# A chunked body's length is unknown, and who expects "100 Continue" sends none before that.
OTHERWISE = re.compile(rb"\r\n(?:transfer-encoding|expect|upgrade):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a request has come in."""

    ready: bool  # Whether a thread can read it without waiting, or must wait for it all the same.
    has_body: bool = False  # Whether it has, or may have, a body.
    too_large: bool = False  # Whether the head is longer than HEAD_BYTES.


WAITING = Seen(ready=False)
WAITING_FOR_BODY = Seen(ready=False, has_body=True)


def look(received: bytes | bytearray) -> Seen:
    """Return how far the request at the beginning of ``received`` has come in."""
    end = received.find(END)
    if end < 0:
        return Seen(ready=False, too_large=True) if len(received) > HEAD_BYTES else WAITING
    if end > HEAD_BYTES:
        return Seen(ready=False, too_large=True)
    # With the line's end that the last field shares with the empty line.
    head = bytes(received[: end + 2])
    lengths = LENGTH.findall(head)
    if OTHERWISE.search(head):
        return Seen(ready=True, has_body=True)
    if not lengths:
        return Seen(ready=True)
    length = int(lengths[0])
    if 0 < length <= SMALL_BODY and len(received) < end + len(END) + length:
        return WAITING_FOR_BODY
    return Seen(ready=True, has_body=length > 0)
