"""Cache busting: URLs of static files contain a hash of the content, so browsers may cache them for a year."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.security import safe_join

YEAR = 365 * 24 * 3600
# Windows reads these from its registry, which programs change, and browsers do not run a script of type text/plain.
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def init_app(app: Flask) -> None:
    """Add ``?v=<hash>`` to the URL of every static file, and long caching to answers to URLs with that hash."""
    folder = Path(app.static_folder or "")
    for suffix, media_type in TYPES.items():
        mimetypes.add_type(media_type, suffix)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values and "v" not in values:
            values["v"] = _version(folder / str(values["filename"]))

    @app.after_request
    def allow_caching(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code == 200 and _names_its_version(folder):
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = YEAR
            response.cache_control.immutable = True
        return response


def _names_its_version(folder: Path) -> bool:
    """Return whether the requested address has the file's own hash."""
    file = safe_join(str(folder), str((request.view_args or {}).get("filename", "")))
    return file is not None and request.args.get("v") == _version(Path(file))


@cache
def _version(file: Path) -> str:
    """Return the first twelve hexadecimal digits of the file's SHA-256, or "missing"."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    except OSError:
        return "missing"
