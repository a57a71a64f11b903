"""The upload form: photos or the name of a sample, the model, and the CSRF token."""

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
    """One uploaded file."""

    name: str  # Sanitized by ``safe_name``.
    content: bytes  # Not checked to be a photo.


class Refused(Exception):
    """The request is refused as a whole; ``sentence`` tells the user what to do, ``status`` is the answer's."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


class UploadForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """Photos or a sample; whether a file is a photo is checked when it is decoded."""

    photo = MultipleFileField("Photos")
    sample = StringField("Sample")
    model = StringField("Model")

    @classmethod
    def blank(cls) -> UploadForm:
        """Return an empty form without reading the request, whose body may have caused the error."""
        return cls(formdata=None)

    def uploads(self) -> list[Upload]:
        """Return the uploaded files in their order, or the sample if its button was pressed.

        Raises Refused. Can be called once: each file's buffer is released as soon as its bytes are read, so that no
        photo is in memory twice.
        """
        names = current_models().names
        if self.model.data:
            self.model.data = current_models().current(self.model.data)
        if self.model.data and self.model.data not in names:
            raise Refused(messages.unknown_model(self.model.data[:NAME_LENGTH], names))
        if self.sample.data:
            sample = samples.find(self.sample.data)
            if sample is None:
                raise Refused(messages.UNKNOWN_SAMPLE)
            if sample.model in names:
                self.model.data = self.model.data or sample.model
            return [Upload(sample.title, sample.read())]
        # Browsers send an empty file field as a part without a file name.
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
