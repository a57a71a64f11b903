"""What the privacy page promises: no files, no names in logs, no requests to other hosts."""

from __future__ import annotations

import os
import re
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from tests.conftest import post_form
from tests.webapp.test_region import fields_of
from webapp.settings import MEBIBYTE

if TYPE_CHECKING:
    from tests.conftest import MakeApp
    from tests.conftest import Upload as PostUpload
    from tests.helpers.server import Server

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
NAME = "birthday-of-anna.jpg"


class Opened:
    """Every file that Python opens for writing while ``watching``; an audit hook can't be removed again."""

    def __init__(self) -> None:
        self.watching = False
        self.paths: list[str] = []
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.watching and event == "open" and arguments[2] is not None and arguments[2] & WRITING:
            self.paths.append(str(arguments[0]))


@pytest.fixture(scope="module")
def opened() -> Opened:
    return Opened()


@pytest.fixture
def written(opened: Opened) -> Iterator[list[str]]:
    opened.paths.clear()
    opened.watching = True
    yield opened.paths
    opened.watching = False


def test_the_hook_hears_a_file_being_written(tmp_path: Path, written: list[str]) -> None:
    (tmp_path / "a").write_text("a")
    assert written == [str(tmp_path / "a")]


def test_no_file_is_opened_for_writing(
    upload: PostUpload, written: list[str], portrait_jpeg: bytes, empty_png: bytes
) -> None:
    large = portrait_jpeg + bytes(2 * MEBIBYTE)
    assert upload(large, NAME, (empty_png, "b.png"), (portrait_jpeg, "c.jpg")).status_code == 200
    assert upload(b"no photo", NAME).status_code == 415
    assert upload(bytes(9 * MEBIBYTE), NAME).status_code == 413
    assert written == []


def test_looking_inside_and_guessing_open_no_file_for_writing(
    upload: PostUpload, client: FlaskClient, csrf_token: str, written: list[str], portrait_jpeg: bytes
) -> None:
    fields = {**fields_of(upload(portrait_jpeg, NAME).text), "face": "1", "cover": "mouth"}
    for address in ("/results/inside", "/results/inside/cover"):
        assert post_form(client, fields, address=address).status_code == 200
    answer = client.post("/guess/calm", data={"csrf_token": csrf_token, "guess": "sad"})
    assert answer.status_code == 200
    assert written == []


def test_the_running_site_writes_nothing_while_a_photo_comes_in(server: Server, portrait_jpeg: bytes) -> None:
    """Half of a large upload is sent, the server's open files are looked at, then the rest, and again."""
    if not Path("/proc/self/fd").exists():
        pytest.skip("open files are listed in /proc, which this system lacks")
    body, head = multipart(server, portrait_jpeg + bytes(6 * MEBIBYTE))
    # The page's own scripts are read once, with the first page of results.
    assert read_all(server, head + body).startswith(b"HTTP/1.1 200")
    before = open_files(server.pid)
    assert str(server.log) in before
    with socket.create_connection((urlsplit(server.address).hostname, urlsplit(server.address).port)) as line:
        line.sendall(head + body[: len(body) // 2])
        time.sleep(0.5)
        during = open_files(server.pid) | set(files_under(server.temporary))
        line.sendall(body[len(body) // 2 :])
        line.settimeout(0.01)
        answer = b""
        while b"</html>" not in answer:
            during |= open_files(server.pid) | set(files_under(server.temporary))
            try:
                answer += line.recv(1 << 20)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 200")
    assert during - before == set()
    assert list(files_under(server.temporary)) == []


def test_no_name_of_a_file_is_in_any_log(server: Server, portrait_jpeg: bytes) -> None:
    """At its most talkative level, for a photo that can be read and for one that can't."""
    for content in (portrait_jpeg, b"no photo"):
        body, head = multipart(server, content)
        with socket.create_connection(
            (urlsplit(server.address).hostname, urlsplit(server.address).port)
        ) as line:
            line.sendall(head + body)
            answer = b""
            while chunk := line.recv(1 << 20):
                answer += chunk
        assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 415"))
    log = server.log.read_text(errors="replace")
    assert "Booting worker" in log
    assert "birthday" not in log
    assert "anna" not in log.lower()


def test_the_only_cookie_is_the_sessions(client: FlaskClient) -> None:
    cookies = client.get("/").headers.getlist("Set-Cookie")
    assert [cookie.split("=")[0] for cookie in cookies] == ["session"]
    assert "Expires" not in cookies[0]
    assert "Max-Age" not in cookies[0]
    assert client.get("/privacy").headers.getlist("Set-Cookie") == []


def test_the_page_says_what_is_done(client: FlaskClient) -> None:
    text = " ".join(client.get("/privacy").text.split())
    for words in (
        "Nothing of it is written, logged or kept",
        "no temporary file",
        "people who agree",
        "not what a person feels",
        "not at work or school, not in hiring, not in medicine",
        "No third party",
        "never recognised",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rate_limit": "7 per hour"}, "(in memory only) and forgets the count"),
        ({"rate_limit": "7 per hour"}, "at most 7 per hour"),
        ({"rate_limit": None}, None),
    ],
)
def test_addresses_are_spoken_of_where_they_are_counted(
    make_app: MakeApp, settings: dict[str, Any], words: str | None
) -> None:
    text = " ".join(make_app(testing=True, **settings).test_client().get("/privacy").text.split())
    if words is None:
        assert "counts how many photos" not in text
    else:
        assert words in text


def multipart(server: Server, photo: bytes) -> tuple[bytes, bytes]:
    """Return the body and the request line with its headers that a browser would send."""
    with urllib.request.urlopen(server.address + "/") as page:  # noqa: S310  # own address
        cookie = page.headers["Set-Cookie"].split(";")[0]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())
    assert token is not None
    part = "--x\r\nContent-Disposition: form-data; name="
    body = f'{part}"csrf_token"\r\n\r\n{token[1]}\r\n{part}"photo"; filename="{NAME}"\r\n\r\n'.encode()
    body += photo + b"\r\n--x--\r\n"
    head = (
        f"POST /results HTTP/1.1\r\nHost: {urlsplit(server.address).netloc}\r\nCookie: {cookie}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return body, head.encode()


def read_all(server: Server, request: bytes) -> bytes:
    """Send a request and return the whole answer."""
    parts = []
    with socket.create_connection((urlsplit(server.address).hostname, urlsplit(server.address).port)) as line:
        line.sendall(request)
        while part := line.recv(1 << 20):
            parts.append(part)
    return b"".join(parts)


def open_files(pid: int) -> set[str]:
    """Return the regular files that a process and its children hold open, deleted ones as well."""
    found = set()
    for process in (pid, *children(pid)):
        for link in Path(f"/proc/{process}/fd").iterdir():
            try:
                target = str(link.readlink())
            except OSError:
                # Closed between the listing and the look.
                continue
            in_memory = "/dev/shm" in target  # noqa: S108  # looked at, not used
            if in_memory or (target.startswith("/") and not target.startswith("/dev/")):
                found.add(target)
    return found


def children(pid: int) -> list[int]:
    return [
        int(child)
        for tasks in Path(f"/proc/{pid}/task").glob("*/children")
        for child in tasks.read_text().split()
    ]


def files_under(folder: Path) -> Iterator[str]:
    return (str(path) for path in folder.rglob("*") if path.is_file())
