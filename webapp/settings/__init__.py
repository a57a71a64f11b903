"""The site's settings: environment variables, read once at start-up.

``Settings`` is the one table of them: field, variable, parser, default, help. docs/operations.md is compared with it
by a test.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from flask import current_app
from werkzeug.local import LocalProxy

from model.detection.search import DEFAULT_DETECTOR
from model.recognizer import DEFAULT_MODEL
from webapp.settings import parsers
from webapp.settings.parsers import HOW_TO_SET_IT, MEBIBYTE, SettingsError

__all__ = ["MEBIBYTE", "ROOT", "SITE_NAME", "Settings", "SettingsError", "current_settings"]

T = TypeVar("T")

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent.parent
SITE_NAME = "Face Value"


def setting(variable: str, parse: Callable[[str], T], default: Any, about: str, old: str = "") -> T:
    """Return a dataclass field that is read from ``variable`` or, with a warning, from its former name ``old``.

    ``parse`` raises ValueError with the rest of a sentence that begins with the variable's name.
    """
    metadata = {"variable": variable, "parse": parse, "help": about, "old": old}
    field: Any = dataclasses.field(default=default, metadata=metadata)
    return cast(T, field)


@dataclass(frozen=True)
class Settings:
    """The site's settings; a field's metadata has its environment variable, parser, help and former name."""

    # No default: without a secret the site does not start (in debug mode one is made up).
    secret_key: str = dataclasses.field(
        metadata={
            "variable": "SECRET_KEY",
            "parse": parsers.secret,
            "help": "signs the session cookie and the form tokens; at least 16 characters, the same for every "
            "process (`make run` makes one for local use, Heroku's button too)",
        }
    )
    model: str = setting(
        "MODEL", str, DEFAULT_MODEL, "which saved model under `model/saved` answers", "EMOTION_MODEL"
    )
    detector: str = setting(
        "DETECTOR",
        parsers.detector,
        DEFAULT_DETECTOR,
        "the face detector; `haar` is OpenCV’s older cascade: the largest face alone, or the whole photo",
        "FACE_DETECTOR",
    )
    heic: bool = setting(
        "HEIC",
        parsers.flag,
        True,
        "read HEIC, iPhones’ format; `off` leaves it out (docs/formats.md, patents)",
    )
    # None: all cores, ONNX Runtime's default.
    threads: int | None = setting(
        "THREADS", parsers.count, None, "processor threads one inference may use", "EMOTION_THREADS"
    )
    max_concurrent: int = setting(
        "MAX_CONCURRENT",
        parsers.count,
        2,
        "photos that one worker analyses at the same time; bounds the memory",
        "EMOTION_PARALLEL",
    )
    queue_size: int = setting(
        "QUEUE_SIZE",
        parsers.count,
        16,
        "requests with photos that may wait besides, of one address three quarters of all; the next is answered 503 "
        "with `Retry-After` after 8 seconds",
        "EMOTION_QUEUE",
    )
    # In bytes, like every size below.
    queue_max_bytes: int = setting(
        "QUEUE_MAX_MB",
        parsers.mebibytes,
        64 * MEBIBYTE,
        "room for what has arrived of all these requests (MiB); one may have half of it, and each finds room for its "
        "first MiB",
        "EMOTION_QUEUE_MB",
    )
    uploads_per_address: int = setting(
        "UPLOADS_PER_ADDRESS",
        parsers.count,
        8,
        "requests of one address that may be coming in at the same time",
    )
    # In seconds.
    queue_timeout: int = setting(
        "QUEUE_TIMEOUT",
        parsers.count,
        10,
        "seconds a photo waits for an inference slot before the answer is 503 after all",
        "EMOTION_WAIT_SECONDS",
    )
    max_memory_bytes: int = setting(
        "MAX_MEMORY_MB",
        parsers.mebibytes,
        320 * MEBIBYTE,
        "memory of a worker (MiB) from which on it ends and is replaced, after what it has begun; from 7 tenths on it "
        "reads one photo at a time",
    )
    max_upload_bytes: int = setting(
        "MAX_UPLOAD_MB", parsers.mebibytes, 8 * MEBIBYTE, "the largest photo (MiB)"
    )
    max_photos: int = setting("MAX_PHOTOS", parsers.count, 10, "photos in one request")
    rate_limit: str | None = setting(
        "RATE_LIMIT",
        parsers.rate,
        "60 per minute",
        "photos one address may send; a photo counts one more for each ten faces in it, and on `/compare` once for "
        "each model; `off` for any number",
    )
    redis_url: str | None = setting(
        "REDIS_URL",
        str,
        None,
        "where to count them when there are several processes; without it each counts for itself",
    )
    api_cors_origins: tuple[str, ...] = setting(
        "API_CORS_ORIGINS",
        parsers.origins,
        (),
        "sites whose scripts may call the API, separated by spaces or commas; `*` for all",
    )
    trusted_hosts: tuple[str, ...] = setting(
        "TRUSTED_HOSTS",
        parsers.hosts,
        (),
        "host names that the site answers to, such as `example.org` (`.example.org` for all below it)",
    )
    security_contact: str | None = setting(
        "SECURITY_CONTACT",
        parsers.contact,
        None,
        "mail or https address that `/.well-known/security.txt` names",
    )
    operator: str | None = setting(
        "OPERATOR", parsers.operator, None, "name and contact of whoever runs the site, shown on every page"
    )
    behind_proxy: bool = setting(
        "BEHIND_PROXY",
        parsers.flag,
        False,
        "trust the last hop's `X-Forwarded-For` and `-Proto`; never set it without a proxy",
    )
    https_only: bool = setting("HTTPS_ONLY", parsers.flag, False, "mark cookies Secure, send http to https")
    metrics_token: str | None = setting(
        "METRICS_TOKEN", str, None, "the bearer token for `/metrics`; without one there are no metrics"
    )
    debug: bool = setting("FLASK_DEBUG", parsers.flag, False, "Flask's debug mode, for work on the site")
    testing: bool = False  # For tests: exceptions are raised instead of answered with a 500 page.

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables; raises SettingsError."""
        values: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            if field.metadata and (text := _text(environ, field.metadata)):
                values[field.name] = _parsed(field.metadata, text)
        # Heroku sets DYNO in every process; its router is the only proxy, and it serves https.
        values.setdefault("behind_proxy", "DYNO" in environ)
        values.setdefault("https_only", values["behind_proxy"])
        values.setdefault("threads", _share_of_cores(environ))
        if "secret_key" not in values:
            values["secret_key"] = _made_up_key(debug=values.get("debug", False))
        return cls(**values)

    @property
    def max_request_bytes(self) -> int:
        """The largest sum of one request's photos in bytes, without the form around them.

        Half of the room for all requests, so that none keeps the others out.
        """
        return min(
            self.max_photos * self.max_upload_bytes, max(self.queue_max_bytes // 2, self.max_upload_bytes)
        )

    @property
    def templates(self) -> Path:
        return ROOT / "templates"

    @property
    def static(self) -> Path:
        return ROOT / "static"

    @property
    def plots(self) -> Path:
        return ROOT / "plots"

    @property
    def sample(self) -> Path:
        """The public-domain portrait that the pipeline page explains."""
        return self.static / "samples" / "astronaut.jpg"


# The settings of the current application.
current_settings: Settings = cast(Settings, LocalProxy(lambda: current_app.extensions["settings"]))


def _text(environ: Mapping[str, str], metadata: Mapping[str, Any]) -> str:
    """Return the stripped value of a setting's variable or of its former one; empty if neither is set."""
    new, old = metadata["variable"], metadata.get("old")
    text = environ.get(new, "").strip()
    before = environ.get(old, "").strip() if old else ""
    if not before:
        return text
    if text and text != before:
        raise SettingsError(f"{new} and its old name {old} are both set and differ: remove {old}.")
    logger.warning(
        "The setting %s is called %s now; the old name stops working in the next release.", old, new
    )
    return before


def _parsed(metadata: Mapping[str, Any], text: str) -> Any:
    try:
        return metadata["parse"](text)
    except ValueError as error:
        raise SettingsError(f"{metadata['variable']} {error}, not {text!r}.") from None


def _made_up_key(*, debug: bool) -> str:
    if debug:
        # Valid until the process ends; a form opened before a restart is refused as expired.
        return secrets.token_hex(32)
    raise SettingsError(f"SECRET_KEY is not set, so the site will not start. {HOW_TO_SET_IT}")


def _share_of_cores(environ: Mapping[str, str]) -> int | None:
    """Cores for each worker process; None (all) for a single one."""
    workers = environ.get("WEB_CONCURRENCY", "").strip()
    if not workers.isdigit() or int(workers) < 2:
        return None
    return max(1, (os.cpu_count() or 1) // int(workers))
