"""Locust users: open the page, upload a photo, wait, upload the next.

Started by ``bench.load``, which names the folder of photos in BENCH_PHOTOS: one folder in it for each kind. Of a
hundred uploads, 5 are hostile pictures, 5 go to /compare, 10 are groups and 5 are large; the others are ordinary. 503
with Retry-After counts as "busy", an answer like others; anything else but the page of results is a failure, and for a
hostile picture only a fault of the server is.
"""

from __future__ import annotations

import itertools
import os
import random
import re
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, between, task

FOLDER = Path(os.environ["BENCH_PHOTOS"])
PHOTOS = {
    kind: [path.read_bytes() for path in sorted((FOLDER / kind).iterdir())]
    for kind in ("ordinary", "group", "large", "hostile")
}
# Small ones are sent more often, as people do.
SHARES = [1 / len(photo) ** 0.5 for photo in PHOTOS["ordinary"]]
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
BUSY_SECONDS = 1.0
NUMBERS = itertools.count()


class Visitor(FastHttpUser):
    """A user who uploads one photo after the other."""

    wait_time = between(0.0, 0.2)
    network_timeout = connection_timeout = 120.0

    def on_start(self) -> None:
        """Open the start page for its token, from an address of its own."""
        self.token = ""
        number = next(NUMBERS)
        self.address = {"X-Forwarded-For": f"10.1.{number // 250}.{number % 250 + 1}"}
        while not self.token:
            page = self.client.get("/", name="start page", headers=self.address)
            found = TOKEN.search(page.text or "")
            self.token = found.group(1) if found else ""

    @task(75)
    def ordinary(self) -> None:
        """Send one photo through the form."""
        (photo,) = random.choices(PHOTOS["ordinary"], SHARES)  # noqa: S311  # not a secret
        self._send("upload", "/results", photo)

    @task(10)
    def group(self) -> None:
        """Send a photo of many faces."""
        self._send("group", "/results", random.choice(PHOTOS["group"]))  # noqa: S311

    @task(5)
    def large(self) -> None:
        """Send a large photo."""
        self._send("large", "/results", random.choice(PHOTOS["large"]))  # noqa: S311

    @task(5)
    def hostile(self) -> None:
        """Send a picture that is made to cost much, or none."""
        self._send("hostile", "/results", random.choice(PHOTOS["hostile"]))  # noqa: S311

    @task(5)
    def compare(self) -> None:
        """Have a photo read by all models."""
        (photo,) = random.choices(PHOTOS["ordinary"], SHARES)  # noqa: S311
        self._send("compare", "/compare", photo)

    def _send(self, kind: str, page: str, photo: bytes) -> None:
        body = (
            b'--frontier\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
            + self.token.encode()
            + b'\r\n--frontier\r\nContent-Disposition: form-data; name="photo"; filename="photo.jpg"\r\n'
            + b"Content-Type: image/jpeg\r\n\r\n"
            + photo
            + b"\r\n--frontier--\r\n"
        )
        headers = {"Content-Type": "multipart/form-data; boundary=frontier", **self.address}
        with self.client.post(page, data=body, headers=headers, name=kind, catch_response=True) as answer:
            _judge(answer, kind)


def _judge(answer: Any, kind: str) -> None:
    if answer.status_code == 503 and answer.headers.get("Retry-After"):
        answer.request_meta["name"] = "busy"
        answer.success()
        gevent.sleep(BUSY_SECONDS)
    elif kind == "hostile" and answer.status_code in (200, 400, 413, 415):
        answer.success()
    elif answer.status_code != 200 or "<h1>" not in (answer.text or ""):
        answer.failure(f"status {answer.status_code}")
