"""A Dask worker's preload: a photo whose name has “deadly” in it ends the process that reads it, like a lack of memory.

Dask loads it into workers with ``--preload``.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

from model.bulk import reading
from model.output.serialize import Result
from model.recognizer import Recognizer

_read = reading._read


def _deadly(recognizer: Recognizer, name: str) -> Result:
    if "deadly" in name:
        os.kill(os.getpid(), signal.SIGKILL)
    return _read(recognizer, name)


def dask_setup(worker: object) -> Sequence[object]:
    """Put it in place; Dask calls this in a worker."""
    reading._read = _deadly
    return ()
