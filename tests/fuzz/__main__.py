"""Send thousands of hostile requests to the site, in this process: ``python -m tests.fuzz --cases 10000 --seed 1``.

Every answer is checked (see ``tests.fuzz.judge``), memory and files are monitored; a table by kind is printed and
written to ``tests/fuzz/FUZZ.md``. ``--only 4711`` repeats one case and prints it, ``--kind names`` sends one kind only.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
import traceback
from pathlib import Path

from tests.fuzz import catalogue, watch
from tests.fuzz.judge import Answer, Visitor
from tests.fuzz.report import Tally, to_markdown
from tests.helpers.multipart import Case
from webapp import create_app
from webapp.settings import Settings

REPORT = Path(__file__).resolve().parent / "FUZZ.md"
NEW_SESSION, SIGN_OF_LIFE = 500, 1000


def main() -> int:
    """Return 0 where every answer was right and nothing was written."""
    arguments = _parse()
    # What the site logs about refused requests would drown the table.
    logging.disable(logging.WARNING)
    app = create_app(Settings(secret_key="fuzz", rate_limit=None, threads=1))  # noqa: S106  # guards nothing
    visitor = Visitor(app)
    if arguments.only is not None:
        return _show(visitor, arguments)
    # The pages keep what they have made once, such as the example; that is no case's memory.
    for address in ("/pipeline", "/model", "/api", "/readyz"):
        app.test_client().get(address)
    tally = Tally(arguments.cases, arguments.seed, watch.peak())
    writes = watch.Writes()
    started = time.perf_counter()
    with watch.empty_places() as places:
        for number in range(arguments.cases):
            if number % NEW_SESSION == 0:
                visitor = Visitor(app)
            case = catalogue.generate(number, arguments.seed, arguments.kind)
            watch.forget_peak()
            writes.listening = True
            answer = _send(visitor, case)
            writes.listening = False
            tally.add(number, case, answer, watch.peak())
            if (number + 1) % SIGN_OF_LIFE == 0:
                print(f"{number + 1} cases, {len(tally.faults)} wrong", file=sys.stderr, flush=True)
        tally.written = writes.paths + watch.files_in(places)
    tally.seconds = time.perf_counter() - started
    text = to_markdown(tally)
    print(text)
    if arguments.kind is None and not arguments.no_report:
        REPORT.write_text(text, encoding="utf-8")
    return 1 if tally.faults or tally.written else 0


def _send(visitor: Visitor, case: Case) -> Answer:
    try:
        return visitor.send(case)
    except Exception:
        # No exception may escape from the application; if one does, the case has failed, and the run continues.
        return Answer(0, 0.0, traceback.format_exc(limit=-3))


def _show(visitor: Visitor, arguments: argparse.Namespace) -> int:
    """Send one case and print it with its answer."""
    logging.disable(logging.NOTSET)
    case = catalogue.generate(arguments.only, arguments.seed, arguments.kind)
    print(f"{case.kind}: {case.method} {case.address[:200]} {case.content_type} {case.headers}")
    print(f"{len(case.body)} bytes, expected {sorted(case.statuses)}: {case.body[:600]!r}")
    answer = _send(visitor, case)
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
