"""A few hundred of the hostile requests of ``python -m tests.fuzz``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import watch
from tests.fuzz.catalogue import KINDS, generate, statuses
from tests.fuzz.judge import Visitor
from tests.fuzz.live import LiveVisitor, Watched, crowd
from tests.fuzz.pictures import BYTES, CORRUPT, FOREIGN, READ, File
from tests.helpers.multipart import COMPARE, RESULTS

if TYPE_CHECKING:
    from tests.conftest import MakeApp
    from tests.helpers.server import Server

# The largest photos take seconds each, and so do hundreds of faces; the long run has them.
QUICK = sorted(KINDS.keys() - {"large", "crowds"})
NUMBERS = st.integers(0, 10**9)


@pytest.fixture(scope="module")
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


@pytest.fixture(scope="module")
def writes() -> watch.Writes:
    return watch.Writes()


@pytest.fixture
def written(writes: watch.Writes) -> Iterator[list[str]]:
    """The files that are opened for writing during the test."""
    writes.paths.clear()
    writes.listening = True
    yield writes.paths
    writes.listening = False


@settings(
    # Two for each kind; make test-long sends ten thousand.
    max_examples=150,
    deadline=None,
    derandomize=True,
    # Some bombs take a while to make.
    suppress_health_check=[HealthCheck.too_slow],
)
@given(kind=st.sampled_from(QUICK), number=NUMBERS)
def test_every_hostile_request_is_answered_rightly(visitor: Visitor, kind: str, number: int) -> None:
    """With the status that fits, a reason in words, the security headers; an error in the site would be raised."""
    case = generate(number, kind=kind)
    assert visitor.send(case).fault == "", f"generate({number}, kind={kind!r}), sent to {case.address}"


@pytest.mark.parametrize("kind", QUICK)
def test_no_kind_of_request_makes_the_site_write(visitor: Visitor, written: list[str], kind: str) -> None:
    for number in range(2):
        assert visitor.send(generate(number, seed=7, kind=kind)).fault == ""
    assert written == []


@pytest.mark.skipif(not watch.RESET.exists(), reason="the peak of the memory is read from /proc")
@pytest.mark.parametrize("kind", ["oversized", "inflating", "endless", "fields", "parts"])
def test_small_files_take_no_great_memory(visitor: Visitor, kind: str) -> None:
    """What would become 200 MB, billions of pixels or millions of parts is given up early."""
    cases = [generate(number, seed=8, kind=kind) for number in range(8)]
    # A file that is read there after all has every model loaded, in a large process each time.
    for case in [case for case in cases if case.address != COMPARE][:6]:
        watch.forget_peak()
        before = watch.peak()
        assert visitor.send(case).fault == ""
        assert watch.peak() - before < 60 + 6 * len(case.body) / 1e6


@pytest.mark.slow
def test_hostile_requests_over_the_wire_leave_a_bystander_alone(server: Server) -> None:
    """A few of the run's cases, to a real server, while connections trickle and keep silent."""
    visitor, watched = LiveVisitor(server), Watched(server)
    watched.peak()
    with crowd(server) as bystander:
        for kind in ("great forms", "text pictures", "crowds", "metadata", "doors", "lengths", "names"):
            for number in range(3):
                case = generate(number, seed=3, kind=kind)
                assert visitor.send(case).fault == "", f"generate({number}, 3, {kind!r})"
    assert bystander.refused == []
    assert bystander.seconds
    assert watched.peak() < 450


@pytest.mark.long
def test_ten_thousand_hostile_requests_are_answered_rightly() -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--cases", "10000", "--no-report"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_case_is_the_same_whenever_it_is_asked_for() -> None:
    for number in range(60):
        assert generate(number, seed=5) == generate(number, seed=5)
    assert generate(1, seed=5) != generate(2, seed=5)


def test_what_several_photos_together_are_answered_with() -> None:
    good, bad, other, huge = (File(b"", frozenset({outcome})) for outcome in (READ, CORRUPT, FOREIGN, BYTES))
    assert statuses(RESULTS, [good, bad]) == {200}
    assert statuses(RESULTS, [bad, bad]) == {400}
    assert statuses(RESULTS, [other, other]) == {415}
    assert statuses(RESULTS, [other, bad]) == {400}
    assert statuses(RESULTS, [good, huge]) == {413}
    assert statuses("/api/v1/analyze", [good, huge]) == {200}


def test_the_judge_notices_wrong_answers(make_app: MakeApp) -> None:
    """Or all of the above would be worth nothing."""
    app = make_app()
    answers = iter(
        ("Everything is fine", ("<p>No</p>", 415), ("<p class='lead'>x</p><script>alert(1)</script>", 415))
    )
    app.view_functions["results.results"] = lambda: next(answers)
    case = replace(generate(3, kind="samples"), statuses=frozenset({415}))
    visitor = Visitor(app)
    assert visitor.send(case).fault == "status 200, not [415]"
    assert visitor.send(case).fault == "no reason in the page"
    assert visitor.send(case).fault == "markup came back as markup"


def test_empty_places_are_left_as_they_were_found() -> None:
    here = Path.cwd()
    with watch.empty_places() as places:
        assert Path.cwd() == places[0].resolve()
        (places[1] / "left.txt").write_text("x")
        assert [Path(path).name for path in watch.files_in(places)] == ["left.txt"]
    assert Path.cwd() == here
    assert not places[0].exists()
