"""The pages that read in the visitor's own browser, and what keeps them on a device; see browser_files for the rest."""

from __future__ import annotations

import json
import threading
from hashlib import sha256
from pathlib import Path
from weakref import WeakKeyDictionary

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    jsonify,
    render_template,
    request,
    send_file,
    url_for,
)

from webapp.blueprints.browser_files import manifest as manifest_of_files
from webapp.blueprints.pipeline import example
from webapp.middleware.static_assets import YEAR
from webapp.presenters.in_browser.kit import present_kit
from webapp.services import browser_files
from webapp.settings import SITE_NAME

bp = Blueprint("in_browser", __name__)

# A photo has no way out of these pages: no form of theirs can be sent, and what sees the photo, the worker, has a
# policy of its own that connects to nothing.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src blob:",
        "worker-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PAGES = ("private", "live", "video")
# What the pages show beside scripts and networks.
PICTURES = ("samples/astronaut.jpg", "favicon.svg")

_lock = threading.Lock()
_kits: WeakKeyDictionary[Flask, bytes] = WeakKeyDictionary()


@bp.get("/private")
def private() -> Response:
    """Show the page that reads a photo without sending it."""
    return _page("private")


@bp.get("/live")
def live() -> Response:
    """Show the page that reads what the camera sees."""
    return _page("live")


@bp.get("/video")
def video() -> Response:
    """Show the page that reads a film and draws its timeline."""
    return _page("video")


@bp.get("/browser/kit-<digest>.json")
def kit(digest: str) -> Response:
    """Return what the pages need to show the cards of the results page, by the hash of its content."""
    return _by_hash(_kit(), digest)


@bp.get("/browser/files-<digest>.json")
def files(digest: str) -> Response:
    """Return the list of what reads, by the hash of its content: a page that is kept goes on with its own files."""
    return _by_hash(_files(), digest)


def _by_hash(content: bytes, digest: str) -> Response:
    """Return what is named by its content, for good; 404 under another name."""
    if digest != _digest(content):
        abort(404)
    response = Response(content, mimetype="application/json")
    response.cache_control.public = True
    response.cache_control.max_age = YEAR
    response.cache_control.immutable = True
    return response


@bp.get("/manifest.webmanifest")
def manifest() -> Response:
    """Return what a browser needs to install the pages like a program."""
    answer = {
        "name": f"{SITE_NAME}, in your browser",
        "short_name": SITE_NAME,
        "description": "Reads the expression of faces in photos, before the camera and in videos, on this device.",
        "id": url_for("in_browser.private"),
        "start_url": url_for("in_browser.private"),
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#f6f8f8",
        "theme_color": "#0f6573",
        "icons": [
            {"src": url_for("static", filename="favicon.svg"), "sizes": "any", "type": "image/svg+xml"}
        ],
    }
    response = jsonify(answer)
    response.mimetype = "application/manifest+json"
    response.cache_control.no_cache = True
    return response


@bp.get("/offline-worker.js")
def offline_worker() -> Response:
    """Return the service worker; from the root, so that it may serve the three pages."""
    response = send_file(Path(current_app.static_folder or "") / "js" / "browser" / "offline-worker.js")
    response.cache_control.no_cache = True
    return response


@bp.get("/browser/offline.json")
def offline() -> Response:
    """Return all that a device keeps to read without a connection: addresses with their sha256, and one version."""
    static = Path(current_app.static_folder or "")
    files = [{"url": address, "sha256": digest} for address, digest in _kept(static)]
    listed = "\n".join(f"{file['sha256']} {file['url']}" for file in files)
    response = jsonify(version=_digest(listed.encode()), files=files)
    response.cache_control.no_cache = True
    return response


def _kept(static: Path) -> list[tuple[str, str]]:
    """Return address and sha256 of the three pages, of their files, and of the networks; nothing else is kept."""
    kept = []
    for name in PAGES:
        address = url_for(f"in_browser.{name}")
        with current_app.test_request_context(address, base_url=request.url_root):
            kept.append((address, sha256(_html(name).encode()).hexdigest()))
    sheets = sorted(path.relative_to(static).as_posix() for path in static.rglob("*.css"))
    fonts = sorted(path.relative_to(static).as_posix() for path in static.rglob("*.woff2"))
    for name in (*sheets, *fonts, *PICTURES):
        kept.append(
            (url_for("static", filename=name), sha256((static / name).read_bytes()).hexdigest()),
        )
    code = browser_files.scripts(static)
    for name, digest in code.sha256.items():
        kept.append((url_for("browser_files.script", version=code.version, name=name), digest))
    for file in browser_files.packed_files(static).values():
        kept.append((url_for("browser_files.network", sha256=file.sha256), file.sha256))
    for view, content in (("kit", _kit()), ("files", _files())):
        kept.append((url_for(f"in_browser.{view}", digest=_digest(content)), sha256(content).hexdigest()))
    return kept


def _page(name: str) -> Response:
    """Return a page with its policy. It has no token, so that it is everybody's, and no cookie."""
    response = Response(_html(name), mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _html(name: str) -> str:
    return render_template(
        f"in_browser/{name}.html",
        part=name,
        kit=url_for("in_browser.kit", digest=_digest(_kit())),
        files=url_for("in_browser.files", digest=_digest(_files())),
        example=example().pipeline.face,
    )


def _kit() -> bytes:
    """Return the kit; made once for an application."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # Flask's way to the application itself
    with _lock:
        if (made := _kits.get(app)) is None:
            made = _kits[app] = json.dumps(present_kit(app.jinja_env, url_for), ensure_ascii=False).encode()
    return made


def _files() -> bytes:
    """Return the list of what reads, as /browser/manifest.json has it."""
    return bytes(manifest_of_files().get_data())


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]
