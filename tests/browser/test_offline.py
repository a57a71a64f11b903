"""The three pages on a device: kept on request, whole or not at all, working without a connection, and removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.in_browser import PATIENCE, SAMPLES
from tests.browser.waiting import wait_until
from tests.helpers.logging_proxy import LoggingProxy, logging_proxy

if TYPE_CHECKING:
    from tests.browser.conftest import Visit, Watch

pytestmark = pytest.mark.browser

NAMES = "caches.keys().then((names) => names.length)"
SCOPES = """navigator.serviceWorker.getRegistrations().then((all) =>
    all.map((each) => new URL(each.scope).pathname).sort())"""
KEPT = """caches.keys().then(async ([name]) =>
    (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname))"""


@pytest.fixture
def proxy() -> Iterator[LoggingProxy]:
    with logging_proxy() as running:
        yield running


def keep(page: Page) -> None:
    page.goto("/private")
    assert page.evaluate(SCOPES) == []
    page.get_by_role("button", name="Keep them on this device").click()
    expect(page.locator("[data-offline-status]")).to_contain_text("are on this device", timeout=PATIENCE)


def test_kept_the_pages_work_without_a_connection_until_they_are_removed(visit: Visit, watch: Watch) -> None:
    page = visit()
    keep(page)
    wait_until(page, SCOPES, ["/live", "/private", "/video"])
    kept = page.evaluate(KEPT)
    named = (
        "/private",
        "/live",
        "/video",
        "/static/",
        "/browser/scripts/",
        "/browser/files/",
        "/browser/kit-",
        "/browser/files-",
        "/browser/complete",
    )
    assert [path for path in kept if not path.startswith(named)] == []
    page.context.set_offline(True)
    for address in ("/live", "/video", "/private"):
        page.goto(address)
        expect(page.locator("[data-get-ready]")).to_be_hidden(timeout=PATIENCE)
    page.set_input_files("[data-photo]", SAMPLES / "astronaut.jpg")
    expect(page.get_by_role("heading", name="Looks happy.")).to_be_visible(timeout=PATIENCE)
    # What is loaded on request elsewhere is there at once.
    expect(page.locator(".movements")).to_contain_text("mouth corners up", timeout=PATIENCE)
    page.get_by_role("button", name="Remove from this device").click()
    expect(page.locator("[data-offline-status]")).to_contain_text("Removed.")
    wait_until(page, NAMES, 0)
    wait_until(page, SCOPES, [])
    # Without a connection a page may say that it cannot ask whether there is a newer version.
    watch.complaints[:] = [
        text for text in watch.complaints if "ERR_FAILED" not in text and "DISCONNECTED" not in text
    ]


def test_other_pages_are_never_kept(visit: Visit) -> None:
    page = visit()
    keep(page)
    page.goto("/")
    page.locator("button[name=sample]").first.click()
    expect(page.locator("article.face").first).to_be_visible()
    page.goto("/privacy")
    assert not {"/", "/results", "/privacy"} & set(page.evaluate(KEPT))


def test_one_altered_file_and_nothing_is_kept(visit: Visit, proxy: LoggingProxy) -> None:
    proxy.alter = lambda address, content: content + b" " if address.endswith("browser.css") else content
    page = visit(proxy={"server": proxy.address, "bypass": "<-loopback>"})
    page.goto("/private")
    page.get_by_role("button", name="Keep them on this device").click()
    expect(page.locator("[data-offline-status]")).to_contain_text("refused or full", timeout=PATIENCE)
    wait_until(page, NAMES, 0)
    wait_until(page, SCOPES, [])
    expect(page.get_by_role("button", name="Load it")).to_be_enabled()


def test_where_storage_is_full_it_works_with_a_connection(visit: Visit) -> None:
    page = visit()
    page.goto("/private")
    origin = page.evaluate("location.origin")
    protocol = page.context.new_cdp_session(page)
    protocol.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 200_000})
    page.get_by_role("button", name="Keep them on this device").click()
    expect(page.locator("[data-offline-status]")).to_contain_text("refused or full", timeout=PATIENCE)
    wait_until(page, NAMES, 0)
    page.get_by_role("button", name="Load it").click()
    expect(page.locator("[data-photo]")).to_be_visible(timeout=PATIENCE)


def test_a_new_version_takes_the_place_of_the_old_one(visit: Visit, proxy: LoggingProxy) -> None:
    """The list of another version: one page is changed, as by a new release."""
    page = visit(proxy={"server": proxy.address, "bypass": "<-loopback>"})
    keep(page)
    (old,) = page.evaluate("caches.keys()")

    def renew(address: str, content: bytes) -> bytes:
        return (
            content.replace(b'"version":"', b'"version":"new')
            if address == "/browser/offline.json"
            else content
        )

    proxy.alter = renew
    page.goto("/private")
    wait_until(page, "caches.keys().then((names) => names.length === 1 && names[0] !== " + repr(old) + ")")
