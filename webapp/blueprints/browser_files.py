"""The files with which a browser reads faces itself, and a manifest of them.

The networks and scripts are named by hashes and cached for good. The worker's own response has a policy of its own: it
may compile WebAssembly, which no page may, and has no ``connect-src``, so that what sees the photo cannot send it.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, current_app, jsonify, url_for

from webapp.middleware.static_assets import YEAR
from webapp.services import browser_files

bp = Blueprint("browser_files", __name__, url_prefix="/browser")

WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"


@bp.get("/manifest.json")
def manifest() -> Response:
    """Return the addresses, sizes and hashes of the files, and what the reader needs to know of the classifier."""
    found = browser_files.scripts(_static())
    files = {
        name: {
            "url": url_for("browser_files.network", sha256=each.sha256),
            "bytes": len(each.content),
            "sha256": each.sha256,
        }
        for name, each in browser_files.packed_files(_static()).items()
    }
    scripts = {
        name: {"url": url_for("browser_files.script", version=found.version, name=name), "sha256": sha256}
        for name, sha256 in found.sha256.items()
    }
    answer = jsonify(
        version=found.version,
        worker=module_url(browser_files.WORKER),
        files=files,
        scripts=scripts,
        classifier_metadata=browser_files.reading_metadata(),
        mesh_metadata=browser_files.mesh_metadata(),
    )
    answer.cache_control.no_cache = True
    return answer


@bp.get("/files/<sha256>")
def network(sha256: str) -> Response:
    """Return a network, or the WebAssembly of ONNX Runtime, gzipped; 404 for what is no file of the browser's."""
    content = browser_files.by_sha256(_static(), sha256)
    if content is None:
        abort(404)
    # Not a content encoding: the page checks the bytes as they are sent, and opens them itself.
    return _for_good(Response(content, content_type="application/gzip"))


@bp.get("/scripts/<version>/<path:name>")
def script(version: str, name: str) -> Response:
    """Return a script of this version; 404 for another version, which must not be mixed with this one."""
    found = browser_files.scripts(_static())
    if version != found.version or name not in found.sha256:
        abort(404)
    # Read whole, so that it can be compressed; browsers ask once.
    answer = Response((_static() / name).read_bytes(), content_type="text/javascript; charset=utf-8")
    if name == browser_files.WORKER:
        answer.headers["Content-Security-Policy"] = WORKER_POLICY
    return _for_good(answer)


def module_url(name: str) -> str:
    """Return the address of a script below ``static``, as ``js/reading/client.js``, in the current version."""
    return url_for("browser_files.script", version=browser_files.scripts(_static()).version, name=name)


def _static() -> Path:
    return Path(current_app.static_folder or "")


def _for_good(response: Response) -> Response:
    response.cache_control.no_cache = None
    response.cache_control.public = True
    response.cache_control.max_age = YEAR
    response.cache_control.immutable = True
    return response
