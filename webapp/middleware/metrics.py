"""Prometheus metrics at ``/metrics``, off unless ``METRICS_TOKEN`` is set: counts and durations, nothing about photos.

With several workers, each reports only its own figures unless ``PROMETHEUS_MULTIPROC_DIR`` names a shared folder
(gunicorn.conf.py makes one in memory); then any worker reports the figures of all.
"""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, abort, current_app, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from webapp.middleware import request_log
from webapp.services.request_stats import current_stats
from webapp.settings import Settings, current_settings

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

bp = Blueprint("metrics", __name__)

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@bp.get("/metrics")
def metrics() -> Response:
    """Return the metrics for ``Authorization: Bearer <METRICS_TOKEN>``; 404 where no token is set."""
    token = current_settings.metrics_token
    if token is None:
        abort(404)
    try:
        given = request.authorization
    except ValueError:
        # What claims to be base64 is not even ASCII.
        given = None
    # In bytes: compare_digest takes no text beyond ASCII, which a header may have.
    if (
        given is None
        or given.type != "bearer"
        or not hmac.compare_digest((given.token or "").encode("latin-1", "replace"), token.encode())
    ):
        raise Unauthorized(
            "Send the site's METRICS_TOKEN as a bearer token.", www_authenticate=WWWAuthenticate("bearer")
        )
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    response = Response(generate_latest(_collected()), content_type=CONTENT_TYPE_LATEST)
    response.cache_control.no_store = True
    return response


def init_app(app: Flask, settings: Settings) -> None:
    """Count every request if a token is set; otherwise prometheus_client is not imported."""
    app.register_blueprint(bp)
    if settings.metrics_token is None:
        return
    from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    app.extensions["metrics_registry"] = registry
    requests = Counter(
        "facevalue_requests", "Requests answered.", ("view", "method", "status"), registry=registry
    )
    durations = Histogram(
        "facevalue_request_seconds",
        "From a request's head to its answer.",
        ("view",),
        buckets=SECONDS,
        registry=registry,
    )
    stages = Histogram(
        "facevalue_stage_seconds",
        "One request's time in each stage, the wait for an inference slot included.",
        ("stage",),
        buckets=SECONDS,
        registry=registry,
    )
    photos = Counter(
        "facevalue_photos", "Photos sent: with faces, without one, refused.", ("outcome",), registry=registry
    )
    faces = Counter("facevalue_faces", "Faces read.", registry=registry)
    _watch_the_queue(app, registry)

    @app.after_request
    def count(response: Response) -> Response:
        view, stats = request.endpoint or "none", current_stats()
        requests.labels(view, request_log.method(), response.status_code).inc()
        durations.labels(view).observe(request_log.seconds())
        for stage, seconds in stats.seconds.items():
            stages.labels(stage).observe(seconds)
        for outcome, number in (
            ("faces", stats.photos - stats.without_face),
            ("no_face", stats.without_face),
            ("refused", stats.refused),
        ):
            photos.labels(outcome).inc(number)
        faces.inc(stats.faces)
        return response


def _watch_the_queue(app: Flask, registry: CollectorRegistry) -> None:
    """Add gauges of the queue: current values, or with several processes those at the last request's end."""
    from prometheus_client import Gauge

    def gauge(name: str, about: str) -> Gauge:
        return Gauge(f"facevalue_admitted_{name}", about, registry=registry, multiprocess_mode="livesum")

    requests = gauge("requests", "Requests with photos that are being served or wait.")
    size = gauge("bytes", "What these requests bring, in bytes.")
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        requests.set_function(lambda: float(app.extensions["admission"].requests))
        size.set_function(lambda: float(app.extensions["admission"].bytes))
        return

    @app.teardown_request
    def note(error: BaseException | None) -> None:
        requests.set(app.extensions["admission"].requests)
        size.set(app.extensions["admission"].bytes)


def _collected() -> CollectorRegistry:
    """Return the registry of this process, or of all processes that share the folder."""
    own: CollectorRegistry = current_app.extensions["metrics_registry"]
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return own
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # its one untyped function
    return registry
