"""Memory of the serving process over uploads, as the Procfile starts it.

    python -m bench.memory              # every photo classified by the default model
    python -m bench.memory --compare    # every photo classified by every model, so that all are loaded

Starts gunicorn with one worker on a free port, uploads photos of several sizes through the form, and prints the
resident memory of the worker (the process that holds the model) and of gunicorn's small master. Linux only.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from tests.helpers.memory import children, encoded, resident
from tests.helpers.server import serve

SIZES = (512, 800, 1024, 1600, 3000)
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--uploads", type=int, default=50, help="how many photos (%(default)s)")
    parser.add_argument("--compare", action="store_true", help="have every photo read by every model")
    arguments = parser.parse_args()
    form, answers = ("/compare", "/compare") if arguments.compare else ("/", "/results")
    photos = [encoded(size) for size in SIZES]
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder), LOG_LEVEL="warning") as server:
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        print(f"{'uploads':>8}{'worker MB':>12}{'master MB':>12}")
        report(0, server.pid)
        for number in range(1, arguments.uploads + 1):
            upload(browser, server.address + form, server.address + answers, photos[number % len(photos)])
            if number % max(1, arguments.uploads // 5) == 0:
                report(number, server.pid)


def upload(browser: urllib.request.OpenerDirector, form: str, answers: str, photo: bytes) -> None:
    """Fetch the page ``form`` for its token and post one photo to ``answers``, as a browser does."""
    found = TOKEN.search(browser.open(form, timeout=60).read().decode())
    if found is None:
        raise SystemExit(f"{form} has no form")
    parts = (
        b'--frontier\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n',
        found[1].encode(),
        b'\r\n--frontier\r\nContent-Disposition: form-data; name="photo"; filename="photo.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n",
        photo,
        b"\r\n--frontier--\r\n",
    )
    request = urllib.request.Request(  # noqa: S310  # our own server, addressed over http
        answers,
        b"".join(parts),
        {"Content-Type": "multipart/form-data; boundary=frontier", "Referer": form},
    )
    page = browser.open(request, timeout=120).read().decode()
    if "<h1>" not in page:
        raise SystemExit("the upload was not answered with a page")


def report(uploads: int, master: int) -> None:
    workers = children(master)
    resident_workers = sum(resident(pid) for pid in workers)
    print(f"{uploads:8}{resident_workers:12.0f}{resident(master):12.0f}", flush=True)


if __name__ == "__main__":
    main()
