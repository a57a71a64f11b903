"""CSRF protection: a form's token and, over https, that nothing says it was sent from another site.

flask-wtf asks for a Referer, which some browsers never send. Here its absence is no reason to refuse; a foreign
``Sec-Fetch-Site``, ``Origin`` or ``Referer`` is.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request
from flask_wtf.csrf import CSRFError, CSRFProtect

# What Sec-Fetch-Site says of the site's own forms, and of an address that was typed or bookmarked.
OWN = frozenset({"same-origin", "none"})


class SentFromElsewhere(CSRFError):  # type: ignore[misc]  # flask_wtf ships no types
    """The browser says that the form is on another site."""


class FormProtection(CSRFProtect):  # type: ignore[misc]  # flask_wtf ships no types
    """flask-wtf's protection with another check of the sender; ``WTF_CSRF_SSL_STRICT`` must be off."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Validate the token and then the sender; raises CSRFError."""
        if request.is_secure and not (apply_exemptions and (not request.endpoint or self._is_exempt())):
            _check_sender()
        super().protect(apply_exemptions)


def _check_sender() -> None:
    """Raise SentFromElsewhere if a header of the current POST request names another site."""
    if request.method in ("GET", "HEAD", "OPTIONS", "TRACE"):
        return
    fetched_from = request.headers.get("Sec-Fetch-Site", "")
    if fetched_from and fetched_from not in OWN:
        raise SentFromElsewhere
    origin = request.headers.get("Origin", "")
    # A browser that is told to keep addresses to itself sends the Origin "null", as does a sandboxed frame.
    hidden = origin == "null" and fetched_from == "same-origin"
    if origin and not hidden and not _is_own(origin):
        raise SentFromElsewhere
    if request.referrer and not _is_own(request.referrer):
        raise SentFromElsewhere


def _is_own(address: str) -> bool:
    """Return whether an address is on this host over https; ports are not compared, as cookies do not."""
    try:
        given = urlsplit(address)
        own = urlsplit(f"//{request.host}").hostname
    except ValueError:
        return False
    return given.scheme == "https" and given.hostname is not None and given.hostname == own
