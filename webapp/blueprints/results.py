"""The results page of uploaded photos."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request

from model import Analysis
from model.output.limits import sentences
from model.output.serialize import AnalysisDict, Result, analysis_to_dict, error_to_dict
from model.photo.load import CorruptPhoto, EmptyPhoto, PhotoError, TooManyPixels, UnsupportedFormat
from webapp import samples
from webapp.blueprints.forms import Refused, Upload, UploadForm
from webapp.blueprints.home import render_form
from webapp.middleware.multipart_form import takes
from webapp.presenters.confidence import track_record
from webapp.presenters.faces import LARGEST_SIDE, Explained
from webapp.presenters.model_choice import EYES_MODEL
from webapp.presenters.photo import PhotoForm, PhotoView, RefusedView, present_photo
from webapp.presenters.results import present
from webapp.presenters.sheet import ALL, needs_sheet, opened_at_first, present_sheet, rows_of
from webapp.services import rate_limit
from webapp.services.inference import current_models, inference_slot
from webapp.services.movements import movements_of
from webapp.services.request_stats import current_stats
from webapp.services.signed_results import (
    SIDE_ALONE,
    SIDE_AMONG_SEVERAL,
    FormImage,
    dumps,
    encode_image,
    from_field,
    to_field,
)
from webapp.services.turns import expected_seconds
from webapp.settings import current_settings

bp = Blueprint("results", __name__)

STATUS: dict[type[PhotoError], int] = {
    EmptyPhoto: 400,
    CorruptPhoto: 400,
    UnsupportedFormat: 415,
    TooManyPixels: 413,
}


@bp.post("/results")
@takes(photos=True)
def results() -> str | tuple[str, int]:
    """Analyse the posted photos; if none can be decoded, show the form with the reasons."""
    form = UploadForm()
    try:
        uploads = form.uploads()
    except Refused as refusal:
        return render_form(refusal.sentence), refusal.status
    rate_limit.consume_photos([upload.content for upload in uploads])
    return _read_all(uploads, form.model.data or None)


@bp.get("/results")
@bp.get("/results/<path:rest>")
def empty(rest: str = "") -> str:
    """Say why there is nothing: results are not stored, so they have no address."""
    return render_template("results_empty.html")


def _read_all(uploads: list[Upload], model: str | None) -> str | tuple[str, int]:
    """Analyse the photos one after the other, releasing each before the next; return one page."""
    sent, stats = len(uploads), current_stats()
    side = SIDE_ALONE if sent == 1 else SIDE_AMONG_SEVERAL
    views: list[PhotoView | RefusedView] = []
    found: list[Result] = []
    refused: list[PhotoError] = []
    for number in range(1, sent + 1):
        upload = uploads.pop(0)
        try:
            # The decoded photo is released before the slot.
            with inference_slot(expected_seconds(upload.content)):
                analysis = current_models().get(model).analyze(upload.content, crop_side=LARGEST_SIDE)
                stats.add_analysis(analysis)
                result = analysis_to_dict(upload.name, analysis)
                boxes = [face.box for face in analysis.faces if not face.faint]
                image = encode_image(analysis.photo.pixels, side, boxes)
                views.append(view_of(analysis, result, image, number=number, among_several=sent > 1))
                del analysis
            found.append(result)
        except PhotoError as error:
            stats.refused += 1
            refused.append(error)
            views.append(RefusedView(f"photo-{number}", upload.name, error.message, number))
            found.append(error_to_dict(upload.name, error))
    if len(refused) == sent:
        reasons = [f"{view.name}: {view.error}" if sent > 1 else view.error for view in views]
        statuses = {STATUS.get(type(error), 400) for error in refused}
        return render_form(*reasons), statuses.pop() if len(statuses) == 1 else 400
    return render_results(views, found)


def view_of(
    analysis: Analysis,
    result: AnalysisDict,
    image: FormImage,
    *,
    number: int = 1,
    among_several: bool = False,
    opened: Collection[str] | None = None,
    error: str = "",
    explained: Explained | None = None,
) -> PhotoView:
    """Return the view of one photo; ``image`` is its copy in the page's form.

    ``result`` has all its faces, ``analysis`` at least those whose cards are ``opened`` (None: the first two).
    ``error`` is why a marked region could not be classified, ``explained`` what pointed to an expression.
    """
    form = PhotoForm(
        name=result["photo"],
        result=dumps([result], image.content),
        image=to_field(image.content),
        width=image.width,
        height=image.height,
        error=error,
    )
    models, name = current_models(), analysis.model.name
    record = track_record(models.metadata(name), models.report(name))
    rows = rows_of(analysis.photo, result, number)
    opened = opened_at_first(rows) if opened is None else opened
    shown = {reading.number for reading in analysis.faces if f"{number}-{reading.number}" in opened}
    return present_photo(
        analysis,
        form,
        rows,
        opened=opened,
        among_several=among_several,
        number=number,
        record=record,
        explained=explained,
        movements=movements_of(analysis, shown),
        limits=sentences(result),
    )


def render_results(
    views: Sequence[PhotoView | RefusedView],
    found: Sequence[Result],
    *,
    opened: Collection[str] | None = None,
    sort: str = "face",
    show: str = ALL,
) -> str:
    """Return the results page. A single photo's result is signed in its form; several are also signed together.

    ``opened`` are the keys of the faces whose cards are in the page (None: of at most two faces), ``sort`` and ``show``
    what was asked of the contact sheet. A sample is known by the request's field ``sample``, whose lesson is shown.
    """
    views = list(views)
    identity = next(result["model"] for result in found if "error" not in result)
    rows = [row for view in views if isinstance(view, PhotoView) for row in view.faces]
    if opened is None:
        opened = opened_at_first(rows)
    if len(views) > 1:
        views = [_with_cards(view, opened) for view in views]
    sheet = (
        present_sheet(rows, photos=len(views), sort=sort, show=show)
        if needs_sheet(rows, len(views))
        else None
    )
    limit = current_settings.max_upload_bytes
    images = [from_field(view.form.image, limit) if isinstance(view, PhotoView) else b"" for view in views]
    return render_template(
        "results.html",
        results=present(views, dumps(found, *images) if len(found) > 1 else "", identity, sheet),
        sample=samples.find(request.form.get("sample", "")),
        **card_context(identity["name"]),
    )


def card_context(model: str) -> dict[str, Any]:
    """Return what the templates of cards take beside the cards: which models there are to read them again."""
    models = current_models()
    return {
        "model_name": model,
        "comparable": len(models.names) > 1,
        "eyes_model": EYES_MODEL if EYES_MODEL in models.names else None,
        # Points of a mesh would have to be covered, too.
        "explainable": models.metadata(model).explainable,
    }


def _with_cards(view: PhotoView | RefusedView, opened: Collection[str]) -> PhotoView | RefusedView:
    """Return the view with no other cards than those."""
    if not isinstance(view, PhotoView):
        return view
    cards = tuple(card for card in view.cards if f"{view.number}-{card.number}" in opened)
    return replace(view, cards=cards)
