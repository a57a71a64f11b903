"""What the main loop sees of a request, and when it finds a worker too large."""

from __future__ import annotations

import pytest

from webapp.serving.head import HEAD_BYTES, SMALL_BODY, Seen, look, visitor_of
from webapp.serving.memory import LARGE_SECONDS, MemoryWatch, limit
from webapp.settings import MEBIBYTE, Settings

LINE = b"POST / HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("received", "seen"),
    [
        (b"", Seen(ready=False)),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r", Seen(ready=False)),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", Seen(ready=True)),
        (LINE + b"Content-Length: 0\r\n\r\n", Seen(ready=True)),
        (LINE + b"content-length:3\r\n\r\nab", Seen(ready=False, has_body=True)),
        (LINE + b"Content-Length: 3\r\nX: y\r\n\r\nabc", Seen(ready=True, has_body=True)),
        (LINE + b"Content-Length: %d\r\n\r\n" % (SMALL_BODY + 1), Seen(ready=False, has_body=True)),
        (LINE + b"Content-Length: 8000000\r\n\r\n" + bytes(SMALL_BODY), Seen(ready=True, has_body=True)),
        (LINE + b"Transfer-Encoding: chunked\r\n\r\n", Seen(ready=False, has_body=True)),
        (LINE + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", Seen(ready=True, has_body=True)),
        (LINE + b"Transfer-Encoding: chunked\r\n\r\n" + bytes(SMALL_BODY), Seen(ready=True, has_body=True)),
        # What gunicorn refuses, it refuses at once.
        (LINE + b"Transfer-Encoding: identity\r\nContent-Length: 9\r\n\r\n", Seen(ready=True, has_body=True)),
        (LINE + b"Transfer-Encoding: chunked\r\n\r\nno size\r\n", Seen(ready=True, has_body=True)),
        (LINE + b"Transfer-Encoding: chunked\r\n\r\n2\r\n", Seen(ready=False, has_body=True)),
        (LINE + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n", Seen(ready=True, has_body=True)),
        # The first of two lengths is waited for; gunicorn refuses both.
        (LINE + b"Content-Length: 1\r\nContent-Length: 9\r\n\r\na", Seen(ready=True, has_body=True)),
        (LINE + b"X-Content-Length: 5\r\n\r\n", Seen(ready=True)),
        (LINE + b"X: " + b"a" * HEAD_BYTES, Seen(ready=False, too_large=True)),
        (LINE + b"X: " + b"a" * HEAD_BYTES + b"\r\n\r\n", Seen(ready=False, too_large=True)),
    ],
)
def test_a_thread_is_given_what_has_come_in(received: bytes, seen: Seen) -> None:
    assert look(received) == seen


@pytest.mark.parametrize(
    ("fields", "behind_proxy", "visitor"),
    [
        (b"X-Forwarded-For: 1.2.3.4\r\n", False, "10.0.0.1"),
        (b"X-Forwarded-For: 9.9.9.9, 1.2.3.4\r\n", True, "1.2.3.4"),
        (b'x-forwarded-for: "9.9.9.9\r\nX-Forwarded-For: 1.2.3.4\r\n', True, "1.2.3.4"),
        (b"", True, "10.0.0.1"),
    ],
)
def test_a_request_is_its_clients_or_whose_the_proxy_says(
    fields: bytes, behind_proxy: bool, visitor: str
) -> None:
    received = LINE + fields + b"\r\nX-Forwarded-For: 8.8.8.8\r\n"
    assert visitor_of(received, ("10.0.0.1", 4711), behind_proxy=behind_proxy) == visitor


def test_a_worker_is_too_large_only_if_it_stays_so() -> None:
    size, now = 120, 0.0
    watch = MemoryWatch(100, lambda: size, lambda: now)
    assert not watch.too_large(), "a photo is being read"
    now += 0.7 * LARGE_SECONDS
    assert not watch.too_large()
    size = 90
    assert not watch.too_large()
    size, now = 120, now + LARGE_SECONDS
    assert not watch.too_large(), "another photo"
    now += LARGE_SECONDS
    assert watch.too_large()


@pytest.mark.parametrize(
    ("text", "most"), [("200", 200 * MEBIBYTE), ("", None), ("0", None), ("a lot", None)]
)
def test_the_limit_is_the_settings(monkeypatch: pytest.MonkeyPatch, text: str, most: int | None) -> None:
    monkeypatch.setenv("MAX_MEMORY_MB", text)
    assert limit() == (most or Settings.max_memory_bytes)
