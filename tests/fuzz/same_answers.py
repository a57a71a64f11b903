"""Check that concurrent requests get the same answers as sequential ones: ``python -m tests.fuzz.same_answers``.

Mixed photos (a face in many variants and sizes, groups, no face, damaged files, three formats) are sent to the page and
the API, first one by one, then from 16 threads in another order. The answers must be identical except for times and
the form's token.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from tests.fuzz import damage, pictures
from tests.fuzz.judge import FIELD
from tests.helpers.multipart import ANALYZE, FORM, RESULTS, TOKEN, file, form, token

THREADS = 16
# What a request's answer says about itself and not about the photo.
OWN = re.compile(
    rb'name="csrf_token"[^>]*>|"(?:decode|detect|classify)": [0-9.e-]+|[0-9.,]+(?:\xc2\xa0| )(?:ms|seconds?|s)\b'
)
# The signed results carry the times too, so their text differs; the JSON beside says the same and is compared.
SIGNED = re.compile(rb'name="result" value="[^"]*"')


@dataclass(frozen=True, slots=True)
class Photo:
    """One upload and where it goes."""

    address: str
    content: bytes


def mixed_photos(count: int, seed: int = 1) -> list[Photo]:
    """Return ``count`` photos for the page and the API in turn."""
    rng = Random(seed)  # to be repeated, not to be secret
    return [Photo((RESULTS, ANALYZE)[number % 2], _photo(rng)) for number in range(count)]


def _photo(rng: Random) -> bytes:
    way = rng.random()
    if way < 0.1:
        return damage.truncated(rng).content
    if way < 0.25:
        return pictures.photo(rng)
    portrait = Image.open(pictures.PORTRAIT).convert("RGB")
    if way < 0.4:
        group = Image.new("RGB", (480, 320), "gray")
        for place in range(rng.randint(2, 6)):
            group.paste(pictures.head().rotate(rng.randint(-15, 15)), (place % 3 * 160, place // 3 * 160))
        picture = group
    else:
        side = rng.choice((160, 256, 384, 512, 700))
        picture = portrait.rotate(rng.randint(-30, 30)).resize((side, side))
        picture = picture.point([int(value * rng.uniform(0.4, 1)) for value in range(256)] * 3)
    kind = rng.choice(("JPEG", "PNG", "WEBP"))
    return pictures.encoded(picture, kind, **({"compress_level": 1} if kind == "PNG" else {"quality": 85}))


def serially(app: Flask, photos: list[Photo]) -> list[str]:
    """Return a digest of each answer, the photos sent one after the other."""
    return [answer(app, photo) for photo in photos]


def at_once(app: Flask, photos: list[Photo], threads: int = THREADS, seed: int = 2) -> list[str]:
    """Return the same digests in the same order, the photos sent by many threads in another order."""
    order = list(range(len(photos)))
    Random(seed).shuffle(order)
    with ThreadPoolExecutor(threads) as pool:
        digests = dict(zip(order, pool.map(lambda number: answer(app, photos[number]), order), strict=True))
    return [digests[number] for number in range(len(photos))]


def answer(app: Flask, photo: Photo) -> str:
    """Return the status and a digest of what is said about a photo."""
    client = app.test_client()
    parts = [file(photo.content)]
    body = form(*parts) if photo.address == ANALYZE else form(token(), *parts).replace(TOKEN, _token(client))
    got = client.post(photo.address, input_stream=io.BytesIO(body), content_type=FORM)
    said = SIGNED.sub(b"", OWN.sub(b"", got.data))
    got.close()
    return f"{got.status_code} {hashlib.sha256(said).hexdigest()}"


def _token(client: FlaskClient) -> bytes:
    found = FIELD.search(client.get("/").text)
    if found is None:
        raise ValueError("the start page has no CSRF token")
    return found[1].encode()


def main() -> int:
    """Return 0 where all answers are equal."""
    from webapp import create_app
    from webapp.settings import Settings

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=500, help="how many (%(default)s)")
    parser.add_argument("--threads", type=int, default=THREADS, help="how many at once (%(default)s)")
    arguments = parser.parse_args()
    # No request is refused: this tests answers, not load.
    settings = Settings(secret_key="same", rate_limit=None, threads=1, queue_timeout=600)  # noqa: S106  # guards nothing
    app = create_app(settings)
    photos = mixed_photos(arguments.photos)
    times = [time.perf_counter()]
    expected = serially(app, photos)
    times.append(time.perf_counter())
    found = at_once(app, photos, arguments.threads)
    times.append(time.perf_counter())
    different = [
        number for number, pair in enumerate(zip(expected, found, strict=True)) if pair[0] != pair[1]
    ]
    statuses = sorted({digest[:3] for digest in expected})
    print(f"{len(photos)} photos, {len(set(expected))} different answers, statuses {', '.join(statuses)}")
    print(f"one by one {times[1] - times[0]:.1f} s, {arguments.threads} threads {times[2] - times[1]:.1f} s")
    print(f"answered differently: {different or 'none'}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
