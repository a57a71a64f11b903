"""Send thousands of hostile requests to the site under gunicorn: ``python -m tests.fuzz --cases 10000 --seed 1``.

Half of them to a site without a proxy, half to one that trusts its last hop. Every answer is checked (see
``tests.fuzz.judge``); memory and files are monitored; meanwhile other connections trickle or keep silent, and a
bystander sends photos, whose waits are counted. A table by kind is printed and written to ``tests/fuzz/FUZZ.md``.
``--only 4711`` repeats one case and prints it, ``--kind names`` sends one kind only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

from tests.fuzz import catalogue, watch
from tests.fuzz.live import LiveVisitor, Watched, crowd
from tests.fuzz.report import Tally, to_markdown
from tests.helpers.server import serve

REPORT = Path(__file__).resolve().parent / "FUZZ.md"
NEW_SESSION, SIGN_OF_LIFE = 500, 1000
TOKEN = "of the fuzzing"  # noqa: S105  # guards nothing
# The longest that a bystander may wait, in seconds.
WAIT = 5.0
adding = threading.Lock()


def main() -> int:
    """Return 0 where every answer was right, nothing was written, and the bystander was served in time."""
    arguments = _parse()
    if arguments.only is not None:
        return _show(arguments)
    tally = Tally(arguments.cases, arguments.seed)
    started = time.perf_counter()
    half = (arguments.cases + 1) // 2
    # Side by side, each with a server of its own.
    with ThreadPoolExecutor(2) as pool:
        sent = [
            pool.submit(_send_all, tally, arguments, range(half), behind_proxy=False),
            pool.submit(_send_all, tally, arguments, range(half, arguments.cases), behind_proxy=True),
        ]
    for one in sent:
        one.result()
    tally.seconds = time.perf_counter() - started
    text = to_markdown(tally)
    print(text)
    if arguments.kind is None and not arguments.no_report:
        REPORT.write_text(text, encoding="utf-8")
    late = [wait for wait in tally.waits if wait > WAIT]
    return 1 if tally.faults or tally.written or tally.turned_away or late else 0


def _send_all(tally: Tally, arguments: argparse.Namespace, numbers: range, *, behind_proxy: bool) -> None:
    """Send these cases to a server of their own."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        settings = {"METRICS_TOKEN": TOKEN, "LOG_LEVEL": "error", "HOME": str(home)}
        if behind_proxy:
            settings |= {"BEHIND_PROXY": "1", "HTTPS_ONLY": "0"}
        with serve(Path(folder), **cast(Any, settings)) as server:
            watched = Watched(server)
            with crowd(server, behind_proxy) as bystander:
                tally.memory_before = max(tally.memory_before, watched.peak())
                for number in numbers:
                    if number % NEW_SESSION == 0 or number == numbers.start:
                        visitor = LiveVisitor(server, behind_proxy)
                    case = catalogue.generate(number, arguments.seed, arguments.kind)
                    answer = visitor.send(case)
                    with adding:
                        tally.add(number, case, answer, watched.peak())
                    if (number + 1) % SIGN_OF_LIFE == 0:
                        print(f"{number + 1} cases, {len(tally.faults)} wrong", file=sys.stderr, flush=True)
            tally.waits += bystander.seconds
            tally.turned_away += bystander.refused
            tally.written += watch.files_in([server.temporary, home])
            tally.errors += server.log.read_text(errors="replace").splitlines()


def _show(arguments: argparse.Namespace) -> int:
    """Send one case and print it with its answer."""
    case = catalogue.generate(arguments.only, arguments.seed, arguments.kind)
    print(f"{case.kind}: {case.method} {case.address[:200]} {case.content_type} {case.headers}")
    print(f"{len(case.body)} bytes, expected {sorted(case.statuses)}: {case.body[:600]!r}")
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder), METRICS_TOKEN=TOKEN) as server:
        answer = LiveVisitor(server).send(case)
        print(server.log.read_text(errors="replace"))
    print(f"{answer.status} after {answer.milliseconds:.0f} ms {answer.fault or 'as it should be'}")
    return 1 if answer.fault else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=10_000, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which (%(default)s)")
    parser.add_argument("--kind", choices=catalogue.KINDS, help="only this kind; writes no report")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="send this case and show it")
    parser.add_argument("--no-report", action="store_true", help="print the table only")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
