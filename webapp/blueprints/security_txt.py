"""Where to report a weakness: ``/.well-known/security.txt`` after RFC 9116."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, Response, render_template, request

from webapp.settings import current_settings

bp = Blueprint("security_txt", __name__)

# The RFC wants less than a year; an older copy should not be relied on.
GOOD_FOR = timedelta(days=180)


@bp.get("/.well-known/security.txt")
def security_txt() -> Response | tuple[str, int]:
    """Name the operator's contact; without one there is no such file, because one without a contact is invalid."""
    if current_settings.security_contact is None:
        return render_template("errors/error.html", code=404, kind="no_security_contact"), 404
    # To the day, so that the file does not change with every look at it.
    expires = datetime.combine(datetime.now(UTC).date() + GOOD_FOR, time(), UTC)
    lines = [
        f"Contact: {current_settings.security_contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
    ]
    if current_settings.trusted_hosts and request.is_secure:
        # Only where the host's name is checked: otherwise it is the visitor's word.
        lines.append(f"Canonical: {request.base_url}")
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
