"""Memory over many uploads, one after the other: ``python -m bench.soak``. Linux only.

Starts gunicorn with one worker and sends photos of several sizes to the API; prints the most that the worker held in
each tenth, and ends with an error if that grows by more than GROWTH_MB after the second.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import urllib.request
from pathlib import Path

from bench.traffic import ordinary
from tests.helpers.memory import children, resident
from tests.helpers.multipart import ANALYZE, FORM, file, form
from tests.helpers.server import serve

SIDES = (240, 512, 800, 1200, 1600)
PARTS, GROWTH_MB = 10, 10.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--uploads", type=int, default=5000, help="how many (%(default)s)")
    uploads: int = parser.parse_args().uploads
    bodies = [form(file(ordinary(side))) for side in SIDES]
    most: list[float] = []
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder), LOG_LEVEL="warning") as server:
        (worker,) = children(server.pid)
        print(f"{'uploads':>8}{'worker, MB':>12}")
        for part in range(PARTS):
            sizes = []
            for number in range(part * uploads // PARTS, (part + 1) * uploads // PARTS):
                request = urllib.request.Request(  # noqa: S310  # our own server
                    server.address + ANALYZE, bodies[number % len(bodies)], {"Content-Type": FORM}
                )
                with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                    answer.read()
                sizes.append(resident(worker))
            most.append(max(sizes))
            print(f"{(part + 1) * uploads // PARTS:8}{most[-1]:12.0f}", flush=True)
        if children(server.pid) != [worker]:
            print("The worker was replaced on the way.")
            return 1
    growth = max(most[1:]) - most[1]
    print(f"growth after the second tenth: {growth:.1f} MB")
    return 1 if growth > GROWTH_MB else 0


if __name__ == "__main__":
    sys.exit(main())
