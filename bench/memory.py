"""Memory of the serving processes: ``python -m bench.memory``. Linux only.

Starts gunicorn with one worker, as the Procfile does, and uploads ordinary photos, groups, large and hostile ones, to
the form and to /compare, one at a time and then several at once. Writes bench/MEMORY.md: for each, the answer, the
processor time, and the worker's peak; and of all processes the most that they held together.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path

from bench.report import fill, machine, markdown_table
from bench.traffic import GROUPS, HOSTILE, LARGE, ordinary
from tests.helpers.memory import children, cpu_seconds, forget_peak, peak, resident, together
from tests.helpers.server import Server, serve

RESULTS = Path(__file__).resolve().parent / "MEMORY.md"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
AT_ONCE = 4
PATIENCE = 300


@dataclass(frozen=True, slots=True)
class Measured:
    """What some equal uploads at once took."""

    page: str  # Where it was sent.
    photo: str  # What was sent.
    at_once: int
    answers: str  # Statuses.
    cpu: float  # Seconds of the processor, of all of them.
    peak: float  # MB of the worker.
    after: float  # MB of the worker.
    together: float  # The most of all processes, in MB, what they share counted once.


class Visitor:
    """A browser with a session of its own."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def upload(self, page: str, photo: bytes) -> int:
        """Send a photo through the form of the start page, or of /compare; returns the status."""
        form = self.server.address + ("/compare" if page == "/compare" else "/")
        found = TOKEN.search(self.browser.open(form, timeout=PATIENCE).read().decode())
        if found is None:
            raise SystemExit(f"{form} has no form")
        body = (
            b'--frontier\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
            + found[1].encode()
            + b'\r\n--frontier\r\nContent-Disposition: form-data; name="photo"; filename="photo.jpg"\r\n'
            + b"Content-Type: image/jpeg\r\n\r\n"
            + photo
            + b"\r\n--frontier--\r\n"
        )
        headers = {"Content-Type": "multipart/form-data; boundary=frontier", "Referer": form}
        request = urllib.request.Request(self.server.address + page, body, headers)  # noqa: S310  # our own server
        try:
            with self.browser.open(request, timeout=PATIENCE) as answer:
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--at-once", type=int, default=AT_ONCE, help="how many in the second round (%(default)s)"
    )
    parser.add_argument("--keep", action="store_true", help="only print; leave bench/MEMORY.md as it is")
    options = parser.parse_args()
    kinds = {"ordinary, 512 × 512": lambda: ordinary(512), **GROUPS, **LARGE, **HOSTILE}
    photos = {name: make() for name, make in kinds.items()}
    measured: list[Measured] = []
    rounds = [(at_once, page) for at_once in (1, options.at_once) for page in ("/results", "/compare")]
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder), LOG_LEVEL="warning", QUEUE_TIMEOUT="120") as server,
    ):
        rest = together(server.pid)
        for at_once, page in rounds:
            for name, photo in photos.items():
                measured.append(measure(server, page, name, photo, at_once))
                print(*row_of(measured[-1]), sep=" | ", flush=True)
    text = describe(measured, rest)
    print(text)
    if not options.keep:
        RESULTS.write_text(text, encoding="utf-8")
        fill("memory", "bench.memory", summary(measured, rest))


def measure(server: Server, page: str, name: str, photo: bytes, at_once: int) -> Measured:
    """Send a photo so many times at once."""
    worker = children(server.pid)[0]
    forget_peak(worker)
    before, most, ended = cpu_seconds(worker), [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            most[0] = max(most[0], together(server.pid))

    answers: Counter[int] = Counter()
    visits = [
        threading.Thread(target=lambda: answers.update([Visitor(server).upload(page, photo)]))
        for _ in range(at_once)
    ]
    watcher = threading.Thread(target=watch)
    watcher.start()
    for visit in visits:
        visit.start()
    for visit in visits:
        visit.join()
    ended.set()
    watcher.join()
    replaced = worker not in children(server.pid)
    if replaced:
        time.sleep(2)
        worker, before = children(server.pid)[0], 0.0
    said = ", ".join(f"{number} × {status}" for status, number in sorted(answers.items()))
    return Measured(
        page,
        name,
        at_once,
        said + (", replaced" if replaced else ""),
        cpu_seconds(worker) - before,
        peak(worker),
        resident(worker),
        max(most[0], together(server.pid)),
    )


def row_of(one: Measured) -> tuple[str, ...]:
    sizes = (f"{size:.0f}" for size in (one.peak, one.after, one.together))
    return (one.page, one.photo, str(one.at_once), one.answers, f"{one.cpu:.1f}", *sizes)


def describe(measured: list[Measured], rest: float) -> str:
    """bench/MEMORY.md."""
    head = (
        "page",
        "photo",
        "at once",
        "answers",
        "processor, s",
        "worker's peak, MB",
        "afterwards",
        "all processes' most",
    )
    return (
        "# Memory\n\nWritten by `python -m bench.memory`: gunicorn as the Procfile starts it, with one worker "
        f"({machine('onnxruntime', 'gunicorn')}).\n\n{summary(measured, rest)}\n\n"
        + markdown_table(head, [row_of(one) for one in measured])
    )


def summary(measured: list[Measured], rest: float) -> str:
    """The sentences of docs/operations.md."""
    highest = max(measured, key=lambda one: one.together)
    dearest = max(measured, key=lambda one: one.cpu / one.at_once)
    return (
        f"All processes together hold {rest:.0f} MB at rest and at most {highest.together:.0f} MB ({highest.page}, "
        f"{highest.photo}, {highest.at_once} at once), what they share counted once; the largest peak of the worker is "
        f"{max(one.peak for one in measured):.0f} MB. No request took more than {dearest.cpu / dearest.at_once:.1f} "
        f"seconds of the processor ({dearest.page}, {dearest.photo})."
    )


if __name__ == "__main__":
    main()
