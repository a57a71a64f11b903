"""The contact for vulnerability reports: ``/.well-known/security.txt`` (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, Response, render_template, request

from webapp.settings import current_settings

bp = Blueprint("security_txt", __name__)

# The RFC recommends less than a year.
GOOD_FOR = timedelta(days=180)


@bp.get("/.well-known/security.txt")
def security_txt() -> Response | tuple[str, int]:
    """Return the file; 404 without a contact, which the RFC requires."""
    if current_settings.security_contact is None:
        return render_template("errors/error.html", code=404, kind="no_security_contact"), 404
    # To the day, so that the file changes once a day only.
    expires = datetime.combine(datetime.now(UTC).date() + GOOD_FOR, time(), UTC)
    lines = [
        f"Contact: {current_settings.security_contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
    ]
    if current_settings.trusted_hosts and request.is_secure:
        # Only if the Host header is checked; otherwise the client chooses it.
        lines.append(f"Canonical: {request.base_url}")
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
