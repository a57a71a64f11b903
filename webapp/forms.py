"""The upload form."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from webapp.presenters import words


class UploadForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """One photo and the CSRF token. What the bytes are is for the model's decoder to say."""

    photo = FileField("Photo", validators=[FileRequired(words.NOTHING_CHOSEN)])

    @classmethod
    def blank(cls) -> UploadForm:
        """Return a form that has not looked at the request: its body may be the very thing that failed."""
        return cls(formdata=None)

    def read_photo(self) -> bytes:
        """Return the bytes of the chosen photo."""
        return bytes(self.photo.data.read())
