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


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a whole request is not analysed: a sentence to act on, and the HTTP status."""

    sentence: str
    status: int


class UploadForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """Photos or a sample. What the bytes are is for the model's decoder to say."""

    photo = MultipleFileField("Photos")
    sample = StringField("Sample")
    model = StringField("Model")

    @classmethod
    def blank(cls) -> UploadForm:
        """Return a form that has not looked at the request: its body may be the very thing that failed."""
        return cls(formdata=None)

    def refusal(self) -> Refusal | None:
        """Return why nothing of this request can be analysed, or None; call it before ``uploads``."""
        if self.model.data and self.model.data not in current_models().names:
            return Refusal(messages.unknown_model(self.model.data[:NAME_LENGTH], current_models().names), 400)
        if self.sample.data:
            return None if samples.find(self.sample.data) else Refusal(messages.UNKNOWN_SAMPLE, 400)
        chosen = self._chosen()
        if not chosen:
            return Refusal(messages.NOTHING_CHOSEN, 400)
        if len(chosen) > current_settings.max_photos:
            return Refusal(messages.too_many(len(chosen), current_settings.max_photos), 400)
        for file in chosen:
            if _size(file) > current_settings.max_upload_bytes:
                return Refusal(
                    messages.too_large(current_settings.max_upload_bytes, safe_name(file.filename)), 413
                )
        return None

    def uploads(self) -> list[Upload]:
        """Return what was sent, in the order it was chosen; a sample's button counts before any photo.

        A second call returns nothing: each file's buffer is let go as soon as its bytes are read, so that
        ten photos of the largest size are held once and not twice.
        """
        if self.sample.data:
            sample = samples.find(self.sample.data)
            return [Upload(sample.title, sample.read())] if sample else []
        return [_take(file) for file in self._chosen()]

    def _chosen(self) -> list[FileStorage]:
        """Return the files that were really chosen: an empty field is sent as a part without a file name."""
        files = cast(list[FileStorage], self.photo.data or [])
        return [file for file in files if file.filename and not file.stream.closed]


def _take(file: FileStorage) -> Upload:
    content = file.read()
    file.close()
    return Upload(safe_name(file.filename), content)


def _size(file: FileStorage) -> int:
    """Return a file's size in bytes without reading it."""
    end = file.stream.seek(0, 2)
    file.stream.seek(0)
    return end
