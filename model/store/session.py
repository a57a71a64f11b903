"""Open a network in ONNX Runtime; the options are the same for every network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import onnxruntime
from numpy.typing import NDArray

from .forks import Renewed


class Session:
    """An open network; safe for threads, and opened anew in a process forked from the one that opened it."""

    def __init__(self, opened: Renewed[onnxruntime.InferenceSession]) -> None:
        self._opened = opened

    def run(self, names: Sequence[str] | None, feed: Mapping[str, NDArray[Any]]) -> list[Any]:
        """Return the outputs called ``names`` (None: all). Raises SavedModelError if opening anew fails."""
        outputs: list[Any] = self._opened.get().run(names, feed)
        return outputs

    def get_inputs(self) -> list[Any]:
        return list(self._opened.get().get_inputs())

    def get_outputs(self) -> list[Any]:
        return list(self._opened.get().get_outputs())


def open_session(
    content: bytes,
    *,
    threads: int | None = None,
    keep_memory: bool = False,
    again: Callable[[], bytes] | None = None,
) -> Session:
    """Return a session on the CPU for the content of an ONNX file.

    ``threads`` is the number of threads of one call (None: one a core). Idle threads sleep instead of spinning, and
    no memory is kept between calls: a site has long pauses and little memory. With ``keep_memory`` it is, for a
    network of many small calls: the P- and the R-Net take a fifth less time, for a few megabytes. ``again`` reads the
    content once more where the process was forked; without it the content stays in memory for that.
    """
    read = again or (lambda: content)
    return Session(
        Renewed(
            lambda: _opened(read(), threads, keep_memory=keep_memory),
            _opened(content, threads, keep_memory=keep_memory),
        )
    )


def _opened(content: bytes, threads: int | None, *, keep_memory: bool) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = (
        3  # errors only: warnings are about graph optimisations, nothing a user can act on
    )
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = keep_memory
    options.enable_mem_pattern = (
        False  # it plans for one input shape, and a pyramid has another on every level
    )
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
