"""Follow one photo through the files of a checkout, from ``POST /results`` to the page, by tracing its calls.

A **stop** is a function that calls at least three further functions of the project, directly or indirectly. Each is
entered once (a loop's iterations are one stop), and its caller is a stop again on return. Consecutive stops in the same
file are one. Comprehensions belong to the function around them; templates and other threads than the request's are left
out.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from inspect import unwrap
from itertools import groupby
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

HERE = Path(__file__).resolve().parent
SAMPLE = "static/samples/astronaut.jpg"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
WORKS_BENEATH = 3
SECONDS = 300


@dataclass(frozen=True)
class Walk:
    """One photo's way."""

    stops: list[str]  # files, in the order in which they are entered or come back to
    page_bytes: int


@dataclass
class Call:
    """One call of a function, and those that it made."""

    code: CodeType | None
    caller: Call | None = None
    calls: list[Call] = field(default_factory=list)

    def beneath(self) -> Iterator[Call]:
        """All calls below this one."""
        for call in self.calls:
            yield call
            yield from call.beneath()


def trace_in_process_of_its_own(root: Path) -> Walk:
    """Trace the checkout at ``root``, whose packages have the names of this one's."""
    command = [sys.executable, str(HERE / "trace_photo.py"), str(root)]
    done = subprocess.run(  # noqa: S603  # a fixed command of our own
        command, cwd=root, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    if done.returncode:
        raise RuntimeError(f"{root} could not be traced:\n{done.stderr}")
    return Walk(**json.loads(done.stdout.splitlines()[-1]))


def trace(root: Path) -> Walk:
    """Upload the sample photo twice to the site below ``root``, the second time traced."""
    sys.path.insert(0, str(root))
    os.environ |= {"SECRET_KEY": "only-for-the-trace", "RATE_LIMIT": "off", "LOG_LEVEL": "error"}
    from webapp import create_app  # that of the checkout at ``root``

    app = create_app()
    client = app.test_client()
    match = TOKEN.search(client.get("/").text)
    if match is None:
        raise RuntimeError("the start page has no CSRF token")
    photo = (root / SAMPLE).read_bytes()

    def post() -> Any:
        fields = {"csrf_token": match[1], "photo": (io.BytesIO(photo), "photo.jpg")}
        answer = client.post("/results", data=fields, content_type="multipart/form-data")
        if answer.status_code != 200:
            raise RuntimeError(f"POST /results answered {answer.status}")
        return answer

    page_bytes = len(post().data)
    rule = app.url_map.bind("localhost").match("/results", method="POST")[0]
    view = unwrap(app.view_functions[rule]).__code__
    first = next(call for call in record(root, post).beneath() if call.code is view)
    return Walk(stops(first, root), page_bytes)


def record(root: Path, action: Callable[[], object]) -> Call:
    """Run ``action`` and return its calls of functions in Python files below ``root``."""
    within = f"{root}{os.sep}"
    top = current = Call(None)

    def on_event(frame: FrameType, event: str, argument: object) -> None:
        nonlocal current
        name = frame.f_code.co_filename
        if not (name.startswith(within) and name.endswith(".py")) or f"{os.sep}site-packages{os.sep}" in name:
            return
        if event == "call":
            current.calls.append(Call(frame.f_code, current))
            current = current.calls[-1]
        elif event == "return" and current.caller is not None:
            current = current.caller

    sys.setprofile(on_event)
    try:
        action()
    finally:
        sys.setprofile(None)
    return top


def stops(first: Call, root: Path) -> list[str]:
    """Return the files of the stops, from the call ``first`` on."""
    seen: set[CodeType | None] = {first.code}

    def walk(call: Call) -> Iterator[CodeType | None]:
        yield call.code
        for each in _named(call.calls):
            if each.code not in seen and len({below.code for below in _named_beneath(each)}) >= WORKS_BENEATH:
                seen.add(each.code)
                yield from walk(each)
                yield call.code

    files = (Path(code.co_filename).relative_to(root).as_posix() for code in walk(first) if code)
    return [file for file, _ in groupby(files)]


def _named(calls: list[Call]) -> Iterator[Call]:
    """The calls, with those that a comprehension, a generator or a lambda makes in its place."""
    for call in calls:
        if call.code and call.code.co_name.startswith("<"):
            yield from _named(call.calls)
        else:
            yield call


def _named_beneath(call: Call) -> Iterator[Call]:
    for each in _named(call.calls):
        yield each
        yield from _named_beneath(each)


if __name__ == "__main__":
    walk = trace(Path(sys.argv[1]).resolve())
    print(json.dumps({"stops": walk.stops, "page_bytes": walk.page_bytes}))
