"""One generated request, and how to write a form as bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

RESULTS, ANALYZE, COMPARE = "/results", "/api/v1/analyze", "/compare"
# Stands where the session's token goes; put in when the request is sent, so that a case is the same in every run.
TOKEN = b"@@the-token-of-the-session@@"
BOUNDARY = "frontier"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


@dataclass(frozen=True, slots=True)
class Case:
    """A request and the statuses that answer it rightly.

    ``length`` is the Content-Length where it is not the body's; ``session`` is whether the cookie is sent.
    """

    kind: str
    address: str
    body: bytes
    statuses: frozenset[int]
    method: str = "POST"
    content_type: str | None = FORM
    headers: tuple[tuple[str, str], ...] = ()
    length: str | None = None
    session: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form: ``head`` is its Content-Disposition behind "form-data", then further header lines."""

    head: bytes
    content: bytes
    more: tuple[bytes, ...] = field(default=())

    def encoded(self, boundary: bytes = BOUNDARY.encode()) -> bytes:
        """Return the part as it travels."""
        lines = [
            b"--" + boundary,
            b"Content-Disposition: form-data" + self.head,
            *self.more,
            b"",
            self.content,
        ]
        return b"\r\n".join(lines) + b"\r\n"


def text(name: str, value: bytes) -> Part:
    """Return a field."""
    return Part(b'; name="' + name.encode() + b'"', value)


def file(content: bytes, name: bytes = b"photo.jpg", field_name: str = "photo") -> Part:
    """Return a file; ``name`` stands between the quotes as it is."""
    head = b'; name="' + field_name.encode() + b'"; filename="' + name + b'"'
    return Part(head, content, (b"Content-Type: image/jpeg",))


def token(value: bytes = TOKEN) -> Part:
    """Return the field with the CSRF token."""
    return text("csrf_token", value)


def form(*parts: Part) -> bytes:
    """Return the body of a form."""
    return b"".join(part.encoded() for part in parts) + b"--" + BOUNDARY.encode() + b"--\r\n"
