"""The site under waitress, for ``bench.connections``: ``python -m bench.waitress_server``."""

from __future__ import annotations

import os

import waitress

from webapp import create_app

# Bytes; waitress would write a larger request to a file.
IN_MEMORY = 128 * 1024 * 1024


def main() -> None:
    waitress.serve(
        create_app(),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        threads=int(os.environ["GUNICORN_THREADS"]),
        connection_limit=800,
        inbuf_overflow=IN_MEMORY,
        outbuf_overflow=IN_MEMORY,
        max_request_body_size=IN_MEMORY,
        channel_timeout=10,
        asyncore_use_poll=True,
    )


if __name__ == "__main__":
    main()
