"""Open a network in ONNX Runtime; the options are the same for every network."""

from __future__ import annotations

import onnxruntime


def open_session(content: bytes, *, threads: int | None = None) -> onnxruntime.InferenceSession:
    """Return a session on the CPU for the content of an ONNX file.

    ``threads`` is the number of threads of one call (None: one a core). Idle threads sleep instead of spinning, and
    no memory is kept between calls: a site has long pauses and little memory.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = (
        3  # errors only: warnings are about graph optimisations, nothing a user can act on
    )
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = (
        False  # it plans for one input shape, and a pyramid has another on every level
    )
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
