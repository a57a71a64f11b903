"""The rate limits, counted in a real Redis for several processes, and its failure and return."""

from __future__ import annotations

import logging
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import redis
from flask import Flask

from tests.helpers.server import free_port
from tests.webapp.test_rate_limit import assert_too_many, send
from webapp.services import rate_limit

if TYPE_CHECKING:
    from tests.conftest import MakeApp

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        shutil.which("redis-server") is None,
        reason="redis-server is not installed (Debian: apt-get install redis-server)",
    ),
]


@contextmanager
def running_redis(port: int, folder: Path) -> Iterator[redis.Redis]:
    """Start a Redis of its own that keeps nothing on disk; stop it afterwards."""
    options = {"--port": port, "--bind": "127.0.0.1", "--save": "", "--appendonly": "no", "--dir": folder}
    command = ["redis-server", *(str(word) for option in options.items() for word in option)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port) as connection:
            wait_until_it_answers(connection)
            yield connection
    finally:
        process.terminate()
        process.wait(timeout=90)


def wait_until_it_answers(connection: redis.Redis) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            connection.ping()
            return
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, redis.Redis]]:
    """The address of a running Redis, and a connection to look into it."""
    port = free_port()
    with running_redis(port, tmp_path_factory.mktemp("redis")) as connection:
        yield f"redis://127.0.0.1:{port}/0", connection


@pytest.fixture
def with_redis(make_app: MakeApp) -> Iterator[MakeApp]:
    """Build an application, and close its connections when the test is over."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        made.append(make_app(**settings))
        return made[-1]

    yield make
    for app in made:
        app.extensions["photo_counter"].storage.storage.connection_pool.disconnect()


@pytest.fixture(autouse=True)
def emptied(shared: tuple[str, redis.Redis], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is counted yet; and a Redis that a busy machine lets wait is not one that has gone away."""
    monkeypatch.setattr(rate_limit, "REDIS_SECONDS", 60)
    shared[1].flushall()


def test_two_processes_count_together(
    with_redis: MakeApp, empty_png: bytes, shared: tuple[str, redis.Redis]
) -> None:
    """Two applications share nothing but their Redis, as two dynos do."""
    one, other = (with_redis(rate_limit="3 per minute", redis_url=shared[0]).test_client() for _ in range(2))
    assert send(one, empty_png, number=2).status_code == 200
    assert send(other, empty_png).status_code == 200
    assert_too_many(send(one, empty_png))
    assert_too_many(send(other, empty_png))


def test_all_that_redis_learns_is_an_address_and_a_number_that_expires(
    with_redis: MakeApp, empty_png: bytes, shared: tuple[str, redis.Redis]
) -> None:
    client = with_redis(rate_limit="5 per minute", redis_url=shared[0], behind_proxy=True).test_client()
    send(client, empty_png, number=2, headers={"X-Forwarded-For": "203.0.113.5"})
    (key,) = shared[1].keys()
    assert b"203.0.113.5" in key
    assert shared[1].get(key) == b"2"
    assert 0 < shared[1].ttl(key) <= 61


def test_many_at_once_are_counted_one_by_one(
    with_redis: MakeApp, empty_png: bytes, shared: tuple[str, redis.Redis]
) -> None:
    app = with_redis(rate_limit="6 per hour", redis_url=shared[0])
    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(lambda _: send(app.test_client(), empty_png).status_code, range(16)))
    assert statuses == {200: 6, 429: 10}


def test_a_redis_that_goes_away_is_replaced_and_taken_back(
    with_redis: MakeApp, empty_png: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    address = f"redis://127.0.0.1:{port}/0"
    with running_redis(port, tmp_path):
        client = with_redis(rate_limit="2 per minute", redis_url=address).test_client()
        assert send(client, empty_png, number=2).status_code == 200
        assert_too_many(send(client, empty_png))
    with caplog.at_level(logging.WARNING):
        # Counted in the process meanwhile, from nothing, and no less strictly.
        assert send(client, empty_png, number=2).status_code == 200
        assert_too_many(send(client, empty_png))
    assert "Redis does not answer" in caplog.text
    with running_redis(port, tmp_path) as connection:
        assert send(client, empty_png).status_code == 200
        assert len(connection.keys()) == 1
