# The site alone: no training, no tests, no TensorFlow. See docs/operations.md. The base image is named by its tag: for
# builds that repeat to the byte, pin it to the digest that `docker buildx imagetools inspect` prints of it.
FROM python:3.11-slim-bookworm AS build
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --requirement requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin site
COPY --from=build /venv /venv
WORKDIR /site
COPY LICENSE THIRD_PARTY.md ./
COPY wsgi.py gunicorn.conf.py gunicorn_worker.py ./
COPY webapp/ webapp/
COPY templates/ templates/
COPY static/ static/
COPY model/ model/
COPY plots/ plots/
USER site
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/healthz', timeout=4)"]
CMD ["gunicorn", "wsgi:app"]
