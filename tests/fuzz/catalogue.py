"""The kinds of requests with their weights, and the request that belongs to a number."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from tests.fuzz import attacks, bombs, damage, forms, pictures, routes
from tests.fuzz.pictures import BYTES, CORRUPT, EMPTY, FOREIGN, PIXELS, READ, File
from tests.helpers.multipart import ANALYZE, COMPARE, RESULTS, Case, file, form, token

# What each outcome of one photo means for the whole request, at the pages' addresses and at the API's.
STATUS = {
    RESULTS: {READ: 200, EMPTY: 400, CORRUPT: 400, FOREIGN: 415, PIXELS: 413, BYTES: 413},
    COMPARE: {READ: 200, EMPTY: 400, CORRUPT: 400, FOREIGN: 415, PIXELS: 413, BYTES: 413},
    ANALYZE: {READ: 200, EMPTY: 422, CORRUPT: 422, FOREIGN: 415, PIXELS: 413, BYTES: 413},
}
# Where several photos are refused for several reasons.
VARIOUS = {RESULTS: 400, ANALYZE: 422}
SEVERAL = 0.1


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request: what it is about, how often it is drawn, and what makes one."""

    title: str
    weight: int
    make: Callable[[Random], Case]


def _upload(make: Callable[[Random], File]) -> Callable[[Random], Case]:
    """Return what makes a request of the files that ``make`` makes: one or sometimes a few, to a page or the API."""

    def request(rng: Random) -> Case:
        files = [make(rng) for _ in range(rng.randint(2, 3) if rng.random() < SEVERAL else 1)]
        address = rng.choice((RESULTS, RESULTS, ANALYZE, ANALYZE, COMPARE))
        first = [] if address == ANALYZE else [token()]
        parts = [file(one.content, b"%d.jpg" % number) for number, one in enumerate(files)]
        return Case("", address, form(*first, *parts), statuses(address, files))

    return request


def statuses(address: str, files: list[File]) -> frozenset[int]:
    """Return the allowed answers to a request with these files: readable ones are analysed, the others get an error."""
    if address != ANALYZE and any(BYTES in one.outcomes for one in files):
        # The form is refused as a whole before any of its photos is opened.
        return frozenset({413})
    if address == COMPARE and len(files) > 1:
        # One photo at a time is compared.
        return frozenset({400})
    found = set()
    for outcomes in itertools.product(*(one.outcomes for one in files)):
        each = {STATUS[address][outcome] for outcome in outcomes}
        found.add(200 if READ in outcomes else each.pop() if len(each) == 1 else VARIOUS[address])
    return frozenset(found)


KINDS = {
    "modes": Kind("every mode and dialect", 100, _upload(pictures.modes)),
    "formats": Kind("HEIC, AVIF, GIF, BMP", 60, _upload(pictures.formats)),
    "phones": Kind("HEIC, AVIF, GIF, BMP, damaged", 180, _upload(damage.phones)),
    "sizes": Kind("1 × 1 to 1 × 20,000", 60, _upload(pictures.sizes)),
    "exif": Kind("EXIF, right and wrong", 60, _upload(pictures.exif)),
    "animation": Kind("ten frames: GIF, APNG, WebP", 30, _upload(pictures.animation)),
    "truncated": Kind("cut off", 110, _upload(damage.truncated)),
    "flipped": Kind("bits and bytes changed", 120, _upload(damage.flipped)),
    "spliced": Kind("pieces moved, doubled, lost", 70, _upload(damage.spliced)),
    "mixed": Kind("one format's head, another's body", 60, _upload(damage.mixed)),
    "polyglot": Kind("a photo and something else", 50, _upload(damage.polyglot)),
    "renamed": Kind("SVG, PDF, HTML … as photo.jpg", 60, _upload(damage.renamed)),
    "random": Kind("noise, with a signature or not", 40, _upload(damage.random_bytes)),
    "empty": Kind("zero bytes", 10, _upload(damage.nothing)),
    "oversized": Kind("headers of more than 120 MB of pixels", 30, _upload(bombs.oversized)),
    "no pixels": Kind("headers of 0 pixels", 10, _upload(bombs.no_pixels)),
    "inflating": Kind("parts that inflate to 200 MB", 10, _upload(bombs.inflating)),
    "endless": Kind("chunks, segments, scans without end", 8, _upload(bombs.endless)),
    "padded": Kind("megabytes behind a photo", 4, _upload(bombs.padded)),
    "large": Kind("all pixels that are read, in a few kilobytes", 2, _upload(bombs.large)),
    "names": Kind("hostile file names", 50, forms.names),
    "heads": Kind("broken part headers", 40, forms.heads),
    "csrf": Kind("wrong and missing CSRF tokens", 40, forms.csrf),
    "types": Kind("wrong content types", 40, forms.content_types),
    "fields": Kind("huge and unknown fields", 30, forms.fields),
    "parts": Kind("11 to 5,000 parts", 15, forms.parts),
    "lengths": Kind("cut forms, wrong lengths", 30, forms.lengths),
    "methods": Kind("HEAD, PUT, TRACE …", 30, routes.methods),
    "addresses": Kind("addresses that lead nowhere", 30, routes.addresses),
    "headers": Kind("odd headers", 30, routes.headers),
    "carried": Kind("results sent back, made up", 30, routes.carried),
    "samples": Kind("samples that are none", 10, routes.samples),
    "guesses": Kind("guesses that are none", 4, routes.guesses),
    "great forms": Kind("heads, names and fields of megabytes", 8, attacks.forms),
    "text pictures": Kind("pictures where none belong", 5, attacks.pictures_where_none_belong),
    "crowds": Kind("hundreds of small faces", 4, attacks.crowds),
    "metadata": Kind("thousands of EXIF segments and fractions", 10, attacks.metadata),
    "doors": Kind("tokens, forwarded addresses, readiness", 20, attacks.doors),
}


def generate(number: int, seed: int = 0, kind: str | None = None) -> Case:
    """Return the case of this number: the same in every run, and of the ``kind`` that is asked for, or any."""
    # Text seeds a Random the same way in every process and version, unlike the hash of a tuple.
    rng = Random(f"{seed}/{kind or ''}/{number}")  # to be repeated, not to be secret
    if kind is None:
        (kind,) = rng.choices(list(KINDS), [one.weight for one in KINDS.values()])
    return replace(KINDS[kind].make(rng), kind=kind)
