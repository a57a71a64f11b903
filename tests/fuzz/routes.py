"""Malformed requests: methods, paths, headers, and the form of a results page."""

from __future__ import annotations

import base64
from random import Random

from tests.fuzz import damage, pictures
from tests.helpers.multipart import ANALYZE, RESULTS, TOKEN, Case, file, form, text, token

READ_ONLY = (
    "/",
    "/private",
    "/live",
    "/video",
    "/manifest.webmanifest",
    "/offline-worker.js",
    "/browser/offline.json",
    "/pipeline",
    "/guess/portrait",
    "/model",
    "/privacy",
    "/responsible-use",
    "/api",
    "/api/v1/models",
    "/healthz",
    "/nothing",
)
METHODS = ("HEAD", "PUT", "TRACE", "DELETE", "PATCH", "CONNECT", "OPTIONS", "PROPFIND", "X" * 200)
NUMBERS = (
    b"",
    b"-1",
    b"0",
    b"1e309",
    b"nan",
    b"inf",
    b"-inf",
    b"0x10",
    b"1_0",
    b"9" * 5000,
    b"\xd9\xa3",
    b"' or 1=1",
)


def methods(rng: Random) -> Case:
    """Every method but the one that the address takes."""
    address = rng.choice((RESULTS, ANALYZE, *READ_ONLY))
    method = rng.choice(METHODS)
    right = {405, 404} if address == "/nothing" else {405}
    if method == "OPTIONS":
        right = {200, 404}
    elif method == "HEAD":
        right = {200} if address == RESULTS else {405} if address == ANALYZE else {200, 404}
    body = form(token(), file(pictures.photo(rng))) if rng.random() < 0.5 and method != "HEAD" else b""
    return Case("", address, body, frozenset(right), method=method)


def addresses(rng: Random) -> Case:
    """Addresses that lead out of the house, or nowhere."""
    start = rng.choice(("/static/", "/results/", "/api/", "/api/v1/", "/.well-known/", "/model/", "/"))
    tail = rng.choice(
        (
            "../../../../etc/passwd",
            "%2e%2e%2f%2e%2e%2fwsgi.py",
            "..%5c..%5cwsgi.py",
            "%00.jpg",
            "%ff%fe",
            "a" * 5000,
            "/" * 300 + "x",
            "<script>alert(1)</script>",
            "{{7*7}}",
            ".git/config",
            "%0d%0aSet-Cookie:%20a=b",
            "?photo=" + "a" * 20_000,
            "analyze;jsessionid=1",
            "//evil.example/..",
        )
    )
    # Results are not stored, so every address below /results says that there is nothing.
    return Case(
        "", start + tail, b"", frozenset({200, 301, 302, 308, 400, 404}), method="GET", content_type=None
    )


def headers(rng: Random) -> Case:
    """A good photo in a request with odd headers."""
    name, value = rng.choice(
        (
            ("Cookie", "session=" + "a" * 5000),
            ("Cookie", "session=.eJw; session=x; =; ;;"),
            ("Host", '"><script>alert(1)</script>'),
            ("X-Forwarded-For", "1.2.3.4, " * 500),
            ("X-Forwarded-Host", "evil.example"),
            ("X-Forwarded-Proto", "javascript"),
            ("Referer", "https://evil.example/"),
            ("Origin", "null"),
            ("Accept", "image/*;q=x, */*;q=-1, " * 100),
            ("Accept-Encoding", "gzip;q=nonsense"),
            ("Content-Encoding", "gzip"),
            ("Transfer-Encoding", "identity"),
            ("Expect", "100-continue"),
            ("Range", "bytes=0-0,5-1,-9999999999"),
            ("If-None-Match", '"' + "x" * 3000),
            ("If-Modified-Since", "Mon, 99 Foo 0000 99:99:99 GMT"),
            ("Authorization", "Basic \xff\xfe"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("X-Request-Id", "a\tb" * 900),
        )
    )
    # Another cookie is another session, and the token is not its.
    other = name == "Cookie"
    right = frozenset({400}) if other else frozenset({200, 400})
    body = form(token(), file(pictures.photo(rng)))
    return Case("", RESULTS, body, right, headers=((name, value),), session=not other)


def carried(rng: Random) -> Case:
    """What the results page sends back, made up or altered."""
    address = rng.choice(
        (
            "/results/region",
            "/results/eyes",
            "/results/explain",
            "/results/inside",
            "/results/inside/cover",
            "/results/download/json",
            "/results/download/csv",
            "/results/download/png",
            "/results/download/html",
            "/results/by",
            "/results/sheet",
            "/results/card",
            "/results/photo",
            "/compare",
        )
    )
    picture = rng.choice(
        (
            b"",
            b"%%%",
            base64.b64encode(damage.truncated(rng).content),
            base64.b64encode(damage.renamed(rng).content),
            base64.b64encode(rng.randbytes(50))[:-1],
            base64.b64encode(pictures.photo(rng)),
        )
    )
    result = rng.choice(
        (b"", b"x", b"e30.AAAA", b".eJw", TOKEN, rng.randbytes(80), b"a." * 5000, b"[" * 50_000)
    )
    box = [text(field, rng.choice(NUMBERS)) for field in ("x", "y", "width", "height")]
    whole = [text("whole", b"1")] if rng.random() < 0.3 else []
    parts = [
        token(),
        text("image", picture),
        text("result", result),
        text("name", rng.randbytes(30)),
        text("face", rng.choice(NUMBERS)),
        text("photo", rng.choice(NUMBERS)),
        text(
            rng.choice(("by", "sort", "show", "open", "shape")),
            rng.choice((b"-sure", b"", b"1-1", rng.randbytes(30))),
        ),
        text("cover", rng.choice((b"mouth", b"", rng.randbytes(9)))),
        text("mask", rng.choice((b"", b"AAAA", b"%%%", rng.randbytes(300)))),
        text("expression-1", rng.choice((b"happy", b"", rng.randbytes(9)))),
        *box,
        *whole,
    ]
    readable = address == "/results/region"
    right = frozenset({200, 400, 413, 415}) if readable else frozenset({400})
    return Case("", address, form(*parts), right)


def samples(rng: Random) -> Case:
    """Names of samples that are none."""
    return Case("", RESULTS, form(token(), text("sample", _no_sample(rng))), frozenset({400}))


def guesses(rng: Random) -> Case:
    """Guesses that are no expression, at samples that have one face and at others."""
    parts = form(token(), text("guess", rng.choice((b"", b"grumpy", _no_sample(rng)))))
    return Case("", rng.choice(("/guess/calm", "/guess/several")), parts, frozenset({400, 404}))


def _no_sample(rng: Random) -> bytes:
    return rng.choice(
        (b"nobody", b"../../wsgi.py", b"astronaut.jpg", b"\0", b"portrait ", rng.randbytes(20), b"p" * 9999)
    )
