"""Parse multipart forms with a limit for everything in them: parts, their headers, and each field by what it can be.

Werkzeug's own parser gathers a part's header, whatever its length, and allows every field as much as the largest.
``multipart.PushMultipartParser`` bounds headers as they arrive; what is beyond a field's limit ends the parsing, and
what no view will look at is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Protocol, TypeVar, cast

from multipart import MultipartError, MultipartSegment, ParserError, ParserLimitReached, PushMultipartParser
from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from webapp.settings import Settings

CHUNK = 64 * 1024
# Bytes of a part's header, and its lines. A browser sends two lines.
HEADER_BYTES, HEADER_LINES = 16 * 1024, 8
PARTS = 200
NESTED_AT_MOST = 3  # Parsers of empty parts that end without a line break, one in the other.
# Bytes of a field of which nothing else is known, and of those that are shorter: tokens and names.
SMALL_FIELD = 16 * 1024
SHORT_FIELDS = {"csrf_token": 1024, "name": 1024}
# The signed results of as many photos and faces as a request may have: some 400 bytes a face.
RESULT_BYTES = 1024 * 1024
# What a part may say that its text is encoded in.
ENCODINGS = frozenset({"ascii", "us-ascii", "utf-8", "iso-8859-1"})


class FormTooLarge(RequestEntityTooLarge):
    """Something in the form is over its limit."""

    def __init__(self, what: str, limit: int, name: str = "") -> None:
        super().__init__()
        self.what = what  # "field", "header" or "parts".
        self.limit = limit  # Bytes, or parts.
        self.field = name  # The field's name, as it was sent.


class MalformedForm(BadRequest):
    """The body is not the multipart form that its Content-Type promises."""


@dataclass(frozen=True, slots=True)
class FormLimits:
    """What a form may contain."""

    photos: int = 0  # Files in the field ``photo`` that are kept; the contents of any more are dropped.
    photo_bytes: int = 0  # Of each of them; of a larger one, a byte more than that is kept.
    # Bytes of each text field that may not have SMALL_FIELD.
    fields: Mapping[str, int] = field(default_factory=dict)


class _Declared(Protocol):
    """A view that says what its form has."""

    form: DeclaredForm


View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class DeclaredForm:
    """What a view's form has beside small fields."""

    photos: bool = False  # Files in the field ``photo``.
    carried: bool = False  # The signed result and the picture that the results page carries.

    def limits(self, settings: Settings) -> FormLimits:
        """Return what that means in bytes."""
        base64 = -(-settings.max_upload_bytes // 3) * 4
        return FormLimits(
            photos=settings.max_photos if self.photos else 0,
            photo_bytes=settings.max_upload_bytes,
            fields=SHORT_FIELDS | ({"result": RESULT_BYTES, "image": base64} if self.carried else {}),
        )


def form_of(view: object) -> DeclaredForm:
    """Return what a view said with ``takes``: without it, small fields only."""
    return getattr(view, "form", DeclaredForm())


def takes(*, photos: bool = False, carried: bool = False) -> Callable[[View], View]:
    """Declare what a view's form has beside small fields."""

    def declare(view: View) -> View:
        cast(_Declared, view).form = DeclaredForm(photos, carried)
        return view

    return declare


class BoundedFormParser(FormDataParser):
    """Werkzeug's form parser with another parser for multipart forms; ``limits`` is set by the request."""

    limits = FormLimits()

    def _parse_multipart(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str]
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        boundary = options.get("boundary", "")
        if not boundary:
            raise MalformedForm
        fields: list[tuple[str, str]] = []
        files: list[tuple[str, FileStorage]] = []
        part: _Part | None = None
        for event in _events(stream, boundary):
            if isinstance(event, MultipartSegment):
                part = self._begin(event, len(files))
            elif event is not None and part is not None:
                part.take(event)
            elif part is not None:
                name = part.segment.name or ""
                if part.segment.filename is None:
                    fields.append((name, part.text()))
                else:
                    files.append((name, part.file()))
        return stream, self.cls(fields), self.cls(files)

    def _begin(self, segment: MultipartSegment, files: int) -> _Part:
        if sum(len(name) + len(value) for name, value in segment.headerlist) > HEADER_BYTES:
            raise FormTooLarge("header", HEADER_BYTES)
        name, limits = segment.name or "", self.limits
        if name == "photo" and limits.photos:
            if segment.filename is None:
                # Text where a file belongs, which is refused as that; curl sends it for -F "photo=<a.jpg".
                return _Part(segment, keep=SMALL_FIELD)
            return _Part(segment, keep=limits.photo_bytes + 1 if files < limits.photos else 1)
        most = limits.fields.get(name, SMALL_FIELD)
        return _Part(segment, keep=most, most=most)


@dataclass(slots=True)
class _Part:
    """A part whose content arrives."""

    segment: MultipartSegment
    keep: int  # Bytes to keep.
    most: int | None = None  # Bytes that may come at all.
    content: BytesIO = field(default_factory=BytesIO)

    def take(self, data: bytes) -> None:
        """Add what fits. Raises FormTooLarge."""
        if self.most is not None and self.content.tell() + len(data) > self.most:
            raise FormTooLarge("field", self.most, self.segment.name or "")
        room = self.keep - self.content.tell()
        self.content.write(data if len(data) <= room else data[: max(room, 0)])

    def text(self) -> str:
        encoding = (self.segment.charset or "").lower()
        return self.content.getvalue().decode(encoding if encoding in ENCODINGS else "utf-8", "replace")

    def file(self) -> FileStorage:
        self.content.seek(0)
        headers = Headers(self.segment.headerlist)
        return FileStorage(self.content, self.segment.filename, self.segment.name, headers=headers)


def _events(stream: IO[bytes], boundary: str) -> Iterator[MultipartSegment | bytes | None]:
    """Yield the parts of a form: a segment, its bytes, then None. The stream is read to its end."""
    begun = 0
    try:
        parser = _Parser(boundary)
        while data := stream.read(CHUNK):
            # What is behind the form's end is read, too, so that a body that was cut off there is noticed.
            for event in parser.parse(data):
                begun += isinstance(event, MultipartSegment)
                if begun > PARTS:
                    raise FormTooLarge("parts", PARTS)
                yield event
        parser.close()
    except ParserLimitReached as error:
        raise FormTooLarge("header", HEADER_BYTES) from error
    except (MultipartError, UnicodeError) as error:
        raise MalformedForm from error


class _Parser:
    """The parser, and what it lacks: a part without content may end without the line break before the boundary.

    Werkzeug's test client writes empty files so. To the parser the boundary is then that part's content, up to the
    next boundary; another parser reads it.
    """

    def __init__(self, boundary: str, depth: int = 0) -> None:
        self._boundary, self._depth = boundary, depth
        self._parser = PushMultipartParser(
            boundary, max_header_size=HEADER_BYTES, max_header_count=HEADER_LINES
        )
        self._line = f"--{boundary}".encode()
        self._end = f"\r\n--{boundary}--".encode()
        self._inner: _Parser | None = None
        self._at_start = False  # Of a part's content.

    def parse(self, data: bytes) -> Iterator[MultipartSegment | bytes | None]:
        """Yield the events of a chunk. Raises MultipartError."""
        for event in self._parser.parse(data):
            if self._inner is not None:
                yield from self._inner.parse(self._end if event is None else event)
                self._inner = None if event is None else self._inner
            elif self._at_start and isinstance(event, bytes) and event.startswith(self._line):
                if self._depth == NESTED_AT_MOST:
                    raise ParserError("Too many parts without content")
                self._inner = _Parser(self._boundary, self._depth + 1)
                yield None
                yield from self._inner.parse(event)
            else:
                yield event
            self._at_start = isinstance(event, MultipartSegment)

    def close(self) -> None:
        """Raise MultipartError if the form has not ended."""
        if self._inner is not None:
            self._inner.close()
        else:
            self._parser.close()
