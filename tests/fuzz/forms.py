"""Malformed forms: names, tokens, types, fields, parts, lengths, methods."""

from __future__ import annotations

from random import Random

from tests.fuzz import pictures
from tests.helpers.multipart import ANALYZE, BOUNDARY, RESULTS, TOKEN, Case, Part, file, form, text, token

MEBIBYTE = 1024 * 1024
# What webapp/middleware/multipart_form.py lets through, in bytes: heads of parts, fields, signed results, pictures.
HEAD, FIELD, RESULT, PICTURE = 16 * 1024, 16 * 1024, MEBIBYTE, 8 * MEBIBYTE * 4 // 3
OK, UNPROCESSABLE = frozenset({200}), frozenset({422})
BAD = frozenset({400})
LARGE = frozenset({413})

MARKUP = b"<img src=x onerror=alert(1)>"
NAMES = (
    b"../../../../etc/passwd",
    b"..\\\\..\\\\windows\\\\system32\\\\a.jpg",
    b"C:\\\\boot.ini",
    b"a\0.jpg",
    b"%00%0d%0aSet-Cookie: a=b",
    b"%22; filename=%22b.jpg",
    MARKUP + b".jpg",
    b"{{ config }}${7*7}<%= 7*7 %>.jpg",
    b"'; DROP TABLE photos; --.jpg",
    b"=cmd|' /C calc'!A0.jpg",
    b"\xe2\x80\xaegpj.exe",
    b"\xff\xfe\xfd.jpg",
    b"\xed\xa0\x80.jpg",
    "Фото ☃ 🙂 é.jpg".encode(),
    b"e" + b"\xcc\x81" * 3000 + b".jpg",
    b"CON",
    b".",
    b"..",
    b"/",
    b"   ",
    b"~root/.ssh/authorized_keys",
    b"a" * 100_000 + b".jpg",
    b"/" * 50_000,
    b"\x1b[2J\x07.jpg",
    b"photo.jpg\tb",
)
OTHER_HEADS = (
    b"; name=\"photo\"; filename*=UTF-8''%2e%2e%2f%00%ff.jpg",
    b'; name="photo"; filename*0="a"; filename*1="../b.jpg"',
    b"; name=photo; filename=a.jpg",
    b'; filename="a.jpg"; name="photo"; name="csrf_token"; filename="b.jpg"',
    b'; NAME="photo"; FILENAME="a.jpg"',
)


def names(rng: Random) -> Case:
    """A photo under a hostile name."""
    if rng.random() < 0.3:
        part = Part(rng.choice(OTHER_HEADS), pictures.photo(rng))
        return Case("", *_place(rng, part), frozenset({200, 400, 413, 422}))
    if rng.random() < 0.7:
        name = rng.choice(NAMES)
        # A name that is not UTF-8 makes the whole form unreadable, which is said.
        read = {200} if name.decode(errors="replace").encode() == name else {200, 400, 422}
        read = {413} if len(name) > HEAD else read
    else:
        # With quotes and line ends in it, the head may end anywhere.
        name, read = rng.randbytes(rng.randint(1, 60)), {200, 400, 422}
    return Case("", *_place(rng, file(pictures.photo(rng), name)), frozenset(read))


def heads(rng: Random) -> Case:
    """Parts whose headers are broken: no name, no disposition, folded, endless, other transfer encodings."""
    photo = pictures.photo(rng)
    part = rng.choice(
        (
            Part(b"", photo),
            Part(b'; filename="a.jpg"', photo),
            Part(b"; name=; filename=", photo),
            Part(b'; name="photo', photo),
            Part(b'; name="photo"; filename="a.jpg', photo),
            Part(b'; name="photo"; filename=""', photo),
            Part(b'; name="photo"; filename="a.jpg"', photo, (b"Content-Transfer-Encoding: base64",)),
            Part(b'; name="photo"; filename="a.jpg"', photo, (b"Content-Type: text/plain; charset=utf-7",)),
            Part(b'; name="photo"', photo, (b"Content-Type: text/plain; charset=nonsense",)),
            Part(b'; name="photo"; filename="a.jpg"', photo, (b"X: " + b"y" * 200_000,)),
            Part(b'; name="photo"; filename="a.jpg"', photo, tuple(b"X-%d: y" % i for i in range(2000))),
            Part(b'; name="photo"; filename="a.jpg"', photo, (b"no colon in this line", b": no name")),
            Part(
                b'; name="photo"; filename="a.jpg"',
                photo,
                (b"Content-Length: -5", b"Content-Length: 99999999"),
            ),
            Part(b'; name="' + rng.randbytes(9).hex().encode() + b'"; filename="a.jpg"', photo),
            Part(b'; name="\xff\xfe"; filename="a.jpg"', photo),
        )
    )
    address, body = _place(rng, part)
    if rng.random() < 0.2:
        body = body.replace(b"Content-Disposition: form-data", b"X-Nothing: at all")
    return Case("", address, body, frozenset({200, 400, 413, 422}))


def csrf(rng: Random) -> Case:
    """A good photo without the token, or with another one, or without the cookie that belongs to it."""
    photo = file(pictures.photo(rng))
    made = rng.choice((b"", b"x", TOKEN[::-1], rng.randbytes(200), b"a" * 1_000_000, b"IjEi.ZgAAAA.AAAA"))
    parts = rng.choice(
        (
            (photo,),
            (token(made), photo),
            (token(made), token(), photo),
            (file(TOKEN, b"a", "csrf_token"), photo),
            (text("csrf_tokens", TOKEN), photo),
        )
    )
    if rng.random() < 0.25:
        return Case("", RESULTS, form(token(), photo), BAD, session=False)
    cookie = (("X-CSRFToken", rng.choice(("", "x", "null"))),) if rng.random() < 0.3 else ()
    address = rng.choice((RESULTS, RESULTS, "/results/region", "/results/download/json"))
    right = LARGE if any(len(part.content) > FIELD for part in parts if part != photo) else BAD
    # A file where none is expected is a field like any other.
    right = right if address == RESULTS else BAD | LARGE
    return Case("", address, form(*parts), right, headers=cookie)


def content_types(rng: Random) -> Case:
    """A good form that says it is something else, or leaves its boundary out."""
    said = rng.choice(
        (
            None,
            "",
            "application/json",
            "text/plain",
            "image/jpeg",
            "application/octet-stream",
            "application/x-www-form-urlencoded",
            "application/xml; charset=utf-16",
            "multipart/mixed; boundary=frontier",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=elsewhere",
            "multipart/form-data; boundary=" + "b" * 5000,
            'multipart/form-data; boundary="a b(c)?[d]*"',
            "multipart/form-data; charset=utf-16; boundary=elsewhere",
            ";;;",
            "a/b/c; =",
            "multipart/form-data; boundary*=utf-8''%ff%00",
        )
    )
    address, body = _place(rng, file(pictures.photo(rng)))
    right = BAD if address == RESULTS else frozenset({400, 415, 422})
    return Case("", address, body, right, content_type=said)


def fields(rng: Random) -> Case:
    """Fields that are huge, unknown or of the wrong sort, at every address that takes a form."""
    size = rng.choice((1, 100, 10_000, 300_000, 300_000, 1_000_000, 3_000_000, 17_000_000))
    name = rng.choice(("photo", "sample", "model", "note", "image", "result", "x", "name" * 200))
    content = rng.choice((b"A", b"\xff", b"\0", b"{", b"%", MARKUP))
    parts = [token(), text(name, content * (size // len(content)))]
    if rng.random() < 0.2:
        body = b"csrf_token=" + TOKEN + b"&" + name.encode() + b"=" + b"A" * size
        right = LARGE if len(body) > 60 * 1024 else BAD
        return Case("", RESULTS, body, right, content_type="application/x-www-form-urlencoded")
    address = rng.choice(
        (RESULTS, ANALYZE, "/results/region", "/results/download/png", "/results/download/csv")
    )
    # Text in place of a photo is never too large: only its beginning is kept.
    most = {"image": PICTURE, "result": RESULT}.get(name, FIELD)
    if address in (RESULTS, ANALYZE):
        most = 80 * MEBIBYTE if name == "photo" else FIELD
    right = LARGE if len(parts[1].content) > most else BAD
    if address == ANALYZE:
        parts = parts[1:]
        right = UNPROCESSABLE if right == BAD else right
    if address == "/results/region" and name == "image":
        # Some of it is base64, of something that is no photo.
        right |= {415}
    return Case("", address, form(*parts), right)


def parts(rng: Random) -> Case:
    """From eleven photos to thousands of parts; beyond 200 parts it is no form."""
    count = rng.choice((11, 12, 50, 190, 250, 1000, 5000))
    address = rng.choice((RESULTS, ANALYZE))
    if rng.random() < 0.5:
        many = [file(b"x", b"%d.jpg" % number) for number in range(count)]
    else:
        many = [text(f"field{number}", b"x") for number in range(count)]
    first = [token()] if address == RESULTS else []
    right = LARGE if count > 199 else BAD if address == RESULTS else UNPROCESSABLE
    return Case("", address, form(*first, *many), right)


def lengths(rng: Random) -> Case:
    """Forms that end too soon, or whose Content-Length is not theirs."""
    address, body = _place(rng, file(pictures.photo(rng)))
    way = rng.randrange(4)
    if way == 0:
        # The last boundary is what says that the photo is whole.
        body = body[: rng.randrange(len(body) - len(BOUNDARY) - 6)]
        return Case("", address, body, frozenset({400, 422}))
    if way == 1:
        return Case("", address, body, BAD, length=str(len(body) + rng.choice((1, 100, 5_000_000))))
    if way == 2:
        return Case("", address, body, LARGE, length=str(10**9))
    said = rng.choice(("-1", "0", "abc", "1e3", "0x10", " ", "9" * 40))
    return Case("", address, body, frozenset({400, 411, 413, 415, 422}), length=said)


def _place(rng: Random, *parts_: Part) -> tuple[str, bytes]:
    """Return an address for a form with these parts, and the form as that address wants it."""
    if rng.random() < 0.5:
        return RESULTS, form(token(), *parts_)
    return ANALYZE, form(*parts_)
