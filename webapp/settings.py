"""What can be set from outside, read once at start-up from environment variables."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from limits import parse as parse_rate

from model.detection.search import DETECTORS, DetectorName

ROOT = Path(__file__).resolve().parent.parent
MEBIBYTE = 1024 * 1024

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})
# Scheme, host and perhaps a port: what a browser sends as Origin.
ORIGIN = re.compile(r"https?://[^/\s?#@]+")
# A host name or address without its port; a dot in front stands for every name below it.
HOST = re.compile(r"\.?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
# What RFC 9116 takes as a way to report something: an address with its scheme.
CONTACT = re.compile(r"(?:mailto:[^@\s]+@[^@\s]+|https://\S+|tel:[+0-9-]+)")


class SettingsError(Exception):
    """A setting is missing or makes no sense; the message says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """The site's settings.

    ``threads`` is how many processor threads one inference may use (None leaves it to the model);
    ``parallel_analyses`` how many photos are worked on at the same time, which bounds the memory.
    ``max_upload_bytes`` bounds one photo, ``max_photos`` how many come in one request.
    ``behind_proxy`` trusts one hop of X-Forwarded-For and -Proto; ``https_only`` marks cookies Secure and
    redirects plain http.
    ``wait_seconds`` is how long a photo waits for its turn before the answer is "busy"; ``rate_limit`` how many
    photos one address may send, such as "60 per minute" (None: any number), counted in this process or, where
    ``redis_url`` is set, in that Redis for all processes. ``api_cors_origins`` are the sites whose scripts may
    call the API from a browser; "*" stands for all.
    ``trusted_hosts`` are the names that the site answers to (none: any name); ``security_contact`` is the address
    that ``/.well-known/security.txt`` names.
    ``queue`` is how many requests with photos may wait beside those being worked on, and ``max_waiting_bytes`` how
    much all of them may bring together, before the next hears "busy" at once. ``metrics_token`` opens ``/metrics``.
    ``face_detector`` is who finds the faces: MTCNN, or the older Haar cascade (its largest face alone).
    """

    secret_key: str
    debug: bool = False
    testing: bool = False
    model: str = "attention_cnn"
    threads: int | None = None
    parallel_analyses: int = 2
    max_upload_bytes: int = 8 * MEBIBYTE
    max_photos: int = 10
    behind_proxy: bool = False
    https_only: bool = False
    wait_seconds: int = 10
    rate_limit: str | None = "60 per minute"
    redis_url: str | None = None
    api_cors_origins: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    security_contact: str | None = None
    metrics_token: str | None = None
    queue: int = 16
    max_waiting_bytes: int = 64 * MEBIBYTE
    face_detector: DetectorName = "mtcnn"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables that docs/operations.md lists; raises SettingsError."""
        debug = _flag(environ, "FLASK_DEBUG", default=False)
        # Heroku sets DYNO in every process; its router is the one proxy in front and speaks https.
        on_heroku = "DYNO" in environ
        behind_proxy = _flag(environ, "BEHIND_PROXY", default=on_heroku)
        return cls(
            secret_key=_secret_key(environ, debug=debug),
            debug=debug,
            model=environ.get("EMOTION_MODEL") or cls.model,
            threads=_count(environ, "EMOTION_THREADS", default=_share_of_cores(environ)),
            parallel_analyses=_count(environ, "EMOTION_PARALLEL", default=2) or 2,
            max_upload_bytes=(_count(environ, "MAX_UPLOAD_MB", default=8) or 8) * MEBIBYTE,
            max_photos=_count(environ, "MAX_PHOTOS", default=10) or 10,
            behind_proxy=behind_proxy,
            https_only=_flag(environ, "HTTPS_ONLY", default=behind_proxy),
            wait_seconds=_count(environ, "EMOTION_WAIT_SECONDS", default=10) or 10,
            rate_limit=_rate(environ, "RATE_LIMIT", default=cls.rate_limit),
            redis_url=environ.get("REDIS_URL", "").strip() or None,
            api_cors_origins=_origins(environ, "API_CORS_ORIGINS"),
            trusted_hosts=_hosts(environ, "TRUSTED_HOSTS"),
            security_contact=_contact(environ, "SECURITY_CONTACT"),
            face_detector=_detector(environ, "FACE_DETECTOR"),
            metrics_token=environ.get("METRICS_TOKEN", "").strip() or None,
            queue=_count(environ, "EMOTION_QUEUE", default=16) or 16,
            max_waiting_bytes=(_count(environ, "EMOTION_QUEUE_MB", default=64) or 64) * MEBIBYTE,
        )

    @property
    def max_request_bytes(self) -> int:
        """How much one request may carry, beside the little that its form adds."""
        return self.max_photos * self.max_upload_bytes

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


def _secret_key(environ: Mapping[str, str], *, debug: bool) -> str:
    key = environ.get("SECRET_KEY", "").strip()
    if key:
        return key
    if debug:
        # Good until the process ends; forms opened before a restart ask to be sent again.
        return secrets.token_hex(32)
    raise SettingsError(
        "SECRET_KEY is not set, so the site will not start. Set it to a long random value, for instance: "
        "export SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_hex(32))')"
    )


def _share_of_cores(environ: Mapping[str, str]) -> int | None:
    """A worker process's part of the cores; None, which is all of them, for a single one."""
    workers = environ.get("WEB_CONCURRENCY", "").strip()
    if not workers.isdigit() or int(workers) < 2:
        return None
    return max(1, (os.cpu_count() or 1) // int(workers))


def _flag(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    if name not in environ:
        return default
    word = environ[name].strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise SettingsError(f"{name} must be 1 or 0, not {environ[name]!r}.")


def _count(environ: Mapping[str, str], name: str, *, default: int | None) -> int | None:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise SettingsError(f"{name} must be a whole number from 1 up, not {text!r}.")
    return number


def _rate(environ: Mapping[str, str], name: str, *, default: str | None) -> str | None:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if text.lower() in FALSE_WORDS:
        return None
    try:
        parse_rate(text)
    except ValueError:
        raise SettingsError(
            f'{name} must be like "60 per minute", or "off" for no limit, not {text!r}.'
        ) from None
    return text


def _origins(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return the origins of a list with commas or spaces between; an origin has no path and no slash at its end."""
    origins = tuple(environ.get(name, "").replace(",", " ").split())
    for origin in origins:
        if origin != "*" and not ORIGIN.fullmatch(origin):
            raise SettingsError(f"{name} must name origins such as https://example.org, not {origin!r}.")
    return origins


def _hosts(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return the names of a list with commas or spaces between, without ports."""
    hosts = tuple(environ.get(name, "").replace(",", " ").split())
    for host in hosts:
        if not HOST.fullmatch(host):
            raise SettingsError(
                f"{name} must name hosts such as example.org or .example.org, without scheme and port, not {host!r}."
            )
    return hosts


def _detector(environ: Mapping[str, str], name: str) -> DetectorName:
    word = environ.get(name, "").strip().lower() or "mtcnn"
    for name_of_detector in DETECTORS:
        if word == name_of_detector:
            return name_of_detector
    raise SettingsError(f"{name} must be {' or '.join(DETECTORS)}, not {word!r}.")


def _contact(environ: Mapping[str, str], name: str) -> str | None:
    """Return the address as a URI; a bare mail address is made one."""
    contact = environ.get(name, "").strip()
    if not contact:
        return None
    if "@" in contact and ":" not in contact:
        contact = f"mailto:{contact}"
    if not CONTACT.fullmatch(contact):
        raise SettingsError(f"{name} must be a mail address, an https address or tel:+…, not {contact!r}.")
    return contact
