"""What the main loop needs to know of a request: whether its head is there, and enough of its body, for a thread.

Only for that. What the request says is up to gunicorn's parser, which reads the same bytes again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

END = b"\r\n\r\n"
# Bytes; gunicorn's own limits for a line and for all fields are 4 kB and 800 kB.
HEAD_BYTES = 32 * 1024
# Bytes of a body that the main loop waits for; the rest is read by a thread as it comes in.
SMALL_BODY = 16 * 1024
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,12})[ \t]*\r\n", re.IGNORECASE)
ENCODED = re.compile(rb"\r\ntransfer-encoding:[ \t]*([^\r\n]*)\r\n", re.IGNORECASE)
# A first chunk's size, as far as it is there.
SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}[ \t]*(?:;[^\r\n]*)?(?:\r\n|\r?$)")
FORWARDED = re.compile(rb"\r\nx-forwarded-for:([^\r\n]*)", re.IGNORECASE)
# Who expects "100 Continue" sends nothing before that.
EXPECTING = re.compile(rb"\r\nexpect:", re.IGNORECASE)


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
    there = len(received) - end - len(END)
    if EXPECTING.search(head):
        return Seen(ready=True, has_body=True)
    if encoded := ENCODED.search(head):
        body = bytes(received[end + len(END) : end + len(END) + 64])
        if encoded[1].strip().lower() != b"chunked" or (body and not SIZE.match(body)):
            # It is refused at once.
            return Seen(ready=True, has_body=True)
        # Perhaps it ends here; if not, a thread waits for the rest.
        ended = there > 0 and received.endswith(END)
        return Seen(ready=True, has_body=True) if ended or there >= SMALL_BODY else WAITING_FOR_BODY
    length = int(lengths[0]) if lengths else 0
    if there < min(length, SMALL_BODY):
        return WAITING_FOR_BODY
    return Seen(ready=True, has_body=length > 0)


def visitor_of(received: bytes | bytearray, client: Any, *, behind_proxy: bool) -> str:
    """Return whose request it is: the client's address or, behind a proxy, what the last hop wrote."""
    if behind_proxy:
        lines: list[bytes] = FORWARDED.findall(received, 0, received.find(END) + 2)
        if lines:
            return lines[-1].rpartition(b",")[2].strip().decode("latin-1")
    return str(client[0]) if isinstance(client, tuple) else ""
