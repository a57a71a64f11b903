"""Answers are compressed here where no proxy does it: static files once, JSON and pages each time.

The compressed length of a page with a form's token would tell, letter by letter, what the token is to whoever can have
guesses put beside it (BREACH, https://breachattack.com). So such a page is compressed only where nothing of the request
is in it, and with a comment of random length; the answer to a form, which has names of files in it, goes as it is.
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request
from flask_compress import Compress

KINDS = ("text/css", "text/javascript", "image/svg+xml", "application/json", "text/html", "text/plain")
ENCODINGS = ("br", "gzip")
# Bytes. Under the first nothing is gained; the second bounds the processor time and the memory of an answer, whose
# large parts are pictures, which hardly get smaller.
SMALLEST = 500
LARGEST = 1024 * 1024
# Brotli: of 11; from here on a page takes longer than it saves on the way.
BROTLI_LEVEL = 5


class StaticCache:
    """The compressed static files, by encoding, path and hash; nothing else, and no more than ``most`` bytes."""

    def __init__(self, most: int = 2 * LARGEST) -> None:
        self._most = most
        self._files: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """Return the compressed content of a static file; None for one not seen before."""
        return self._files.get(key)

    def set(self, key: str, value: bytes) -> None:
        """Keep a static file's compressed content while there is room."""
        if key.endswith(";") or sum(map(len, self._files.values())) + len(value) > self._most:
            return
        self._files[key] = value


def init_app(app: Flask) -> None:
    """Compress answers; call it before what else works on them, for what is registered first sees them last."""
    app.config.from_mapping(
        COMPRESS_REGISTER=False,
        COMPRESS_MIMETYPES=list(KINDS),
        COMPRESS_ALGORITHM=list(ENCODINGS),
        COMPRESS_BR_LEVEL=BROTLI_LEVEL,
        COMPRESS_MIN_SIZE=SMALLEST,
        COMPRESS_CACHE_BACKEND=StaticCache,
        COMPRESS_CACHE_KEY=lambda _: g.get("static_key", ""),
    )
    compress = Compress(app)

    @app.after_request
    def squeeze(response: Response) -> Response:
        if not _worth_it(response):
            return response
        response.vary.add("Accept-Encoding")
        # The library reads "br;q=0" as a last resort.
        if not any(request.accept_encodings.quality(name) > 0 for name in ENCODINGS):
            return response
        if request.endpoint == "static":
            # Its validator names the content; read whole, so that its compressed form can be kept and its length told.
            g.static_key = f"{request.path};{response.get_etag()[0]}"
            response.direct_passthrough = False
            response.set_data(response.get_data())
        elif "csrf_token" in g:
            response.set_data(
                response.get_data() + b"<!-- %s -->\n" % secrets.token_hex(secrets.randbelow(200)).encode()
            )
        squeezed = compress.after_request(response)
        if "Content-Encoding" in squeezed.headers:
            # Ranges are of the file as it is.
            squeezed.headers.pop("Accept-Ranges", None)
        return squeezed


def _worth_it(response: Response) -> bool:
    """Return whether an answer may be compressed: whole, of one of KINDS, not large, and no guess beside a secret."""
    static = request.endpoint == "static"
    reflects = request.method not in ("GET", "HEAD") or bool(request.query_string)
    return (
        response.status_code == 200
        and response.mimetype in KINDS
        and (static or not response.is_streamed)
        and (response.content_length or 0) <= LARGEST
        and not ("csrf_token" in g and reflects)
    )
