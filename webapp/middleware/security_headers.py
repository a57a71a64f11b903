"""Security headers, redirects to https, and the X-Forwarded headers of one trusted proxy."""

from __future__ import annotations

from flask import Flask, Response, redirect, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as WerkzeugResponse

from webapp.middleware.last_hop import LastHopMiddleware
from webapp.settings import Settings

# Only what is listed is allowed; data: for the images of a results page.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# The camera for the site's own pages; nothing else.
PERMISSIONS_POLICY = ", ".join(
    ("camera=(self)", "microphone=()", "geolocation=()", "payment=()", "usb=()", "browsing-topics=()")
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": PERMISSIONS_POLICY,
    # Not no-referrer: with it browsers send the Origin "null", which the check of a form's sender would have to trust.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000"


def init_app(app: Flask, settings: Settings) -> None:
    """Add the headers to every response; trust one proxy and redirect to https if the settings say so."""
    if settings.behind_proxy:
        # The last entry only: the client can write the ones before it.
        fixed = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)
        app.wsgi_app = LastHopMiddleware(fixed)  # type: ignore[method-assign]  # Flask's way
    if settings.https_only:
        app.before_request(_to_https)
    app.after_request(_add_headers)


def _to_https() -> WerkzeugResponse | None:
    """Redirect http to https, except for the platform's health checks."""
    if request.is_secure or request.blueprint == "health":
        return None
    return redirect(request.url.replace("http://", "https://", 1), code=308)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    # Pages contain the session's CSRF token, so shared caches must not store them; results must not be stored at all.
    if response.mimetype == "text/html":
        response.headers["Cache-Control"] = "no-store" if request.method == "POST" else "private, no-cache"
    return response
