"""Locust users: open the page, upload a photo, wait, upload the next.

Started by ``bench.load``, which names the folder of photos in BENCH_PHOTOS. 503 with Retry-After counts as "busy", an
answer like others; anything else but the page of results is a failure.
"""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import gevent
from locust import FastHttpUser, between, task

PHOTOS = [path.read_bytes() for path in sorted(Path(os.environ["BENCH_PHOTOS"]).glob("*.jpg"))]
# Small ones are sent more often, as people do.
SHARES = [1 / len(photo) ** 0.5 for photo in PHOTOS]
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
BUSY_SECONDS = 1.0


class Visitor(FastHttpUser):
    """A user who uploads one photo after the other."""

    wait_time = between(0.0, 0.2)

    def on_start(self) -> None:
        """Open the start page for its token."""
        self.token = ""
        while not self.token:
            page = self.client.get("/", name="start page")
            found = TOKEN.search(page.text or "")
            self.token = found.group(1) if found else ""

    @task
    def upload(self) -> None:
        """Send one photo through the form."""
        (photo,) = random.choices(PHOTOS, SHARES)  # noqa: S311  # not a secret
        body = (
            b'--frontier\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
            + self.token.encode()
            + b'\r\n--frontier\r\nContent-Disposition: form-data; name="photo"; filename="photo.jpg"\r\n'
            + b"Content-Type: image/jpeg\r\n\r\n"
            + photo
            + b"\r\n--frontier--\r\n"
        )
        headers = {"Content-Type": "multipart/form-data; boundary=frontier"}
        with self.client.post(
            "/results", data=body, headers=headers, name="upload", catch_response=True
        ) as answer:
            if answer.status_code == 503 and answer.headers.get("Retry-After"):
                answer.request_meta["name"] = "busy"
                answer.success()
                gevent.sleep(BUSY_SECONDS)
            elif answer.status_code != 200 or "<h1>" not in (answer.text or ""):
                answer.failure(f"status {answer.status_code}")
