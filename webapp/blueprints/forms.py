"""The upload form: photos or the name of a sample, which model reads them, and the CSRF token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import StringField

from webapp import samples
from webapp.presenters import messages
from webapp.services.filenames import NAME_LENGTH, safe_name
from webapp.services.inference import current_models
from webapp.settings import current_settings


@dataclass(frozen=True, slots=True)
class Upload:
    """One photo as it came in: a name that is safe to show, and the bytes, whatever they are."""

    name: str
    content: bytes


class Refused(Exception):
    """A whole request is not analysed: a sentence to act on, and the HTTP status."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


class UploadForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """Photos or a sample. What the bytes are is for the model's decoder to say."""

    photo = MultipleFileField("Photos")
    sample = StringField("Sample")
    model = StringField("Model")

    @classmethod
    def blank(cls) -> UploadForm:
        """Return a form that has not looked at the request: its body may be the very thing that failed."""
        return cls(formdata=None)

    def uploads(self) -> list[Upload]:
        """Return what was sent, in the order it was chosen; a sample's button counts before any photo.

        Raises Refused where nothing of the request can be analysed. A second call finds nothing: each file's buffer
        is released as soon as its bytes are read, so that ten photos of the largest size are held once and not twice.
        """
        names = current_models().names
        if self.model.data and self.model.data not in names:
            raise Refused(messages.unknown_model(self.model.data[:NAME_LENGTH], names))
        if self.sample.data:
            sample = samples.find(self.sample.data)
            if sample is None:
                raise Refused(messages.UNKNOWN_SAMPLE)
            return [Upload(sample.title, sample.read())]
        # An empty field is sent as a part without a file name.
        files = cast(list[FileStorage], self.photo.data or [])
        chosen = [file for file in files if file.filename and not file.stream.closed]
        if not chosen:
            raise Refused(messages.NOTHING_CHOSEN)
        if len(chosen) > current_settings.max_photos:
            raise Refused(messages.too_many(len(chosen), current_settings.max_photos))
        limit = current_settings.max_upload_bytes
        for file in chosen:
            if _size(file) > limit:
                raise Refused(messages.too_large(limit, safe_name(file.filename)), 413)
        return [_take(file) for file in chosen]


def _take(file: FileStorage) -> Upload:
    content = file.read()
    file.close()
    return Upload(safe_name(file.filename), content)


def _size(file: FileStorage) -> int:
    """Return a file's size in bytes without reading it."""
    end = file.stream.seek(0, 2)
    file.stream.seek(0)
    return end
