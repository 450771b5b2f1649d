# syntax=docker/dockerfile:1
# One image for the web server, the workers and the migration; compose.yaml runs each.

FROM node:22-bookworm-slim AS assets
# The build script is Python's standard library alone; brotli makes the smaller twins.
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-brotli \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json ./
COPY scripts/build_assets.py scripts/
COPY app/web/assets app/web/assets
RUN python3 scripts/build_assets.py

FROM python:3.12-slim-bookworm AS libraries
RUN python -m venv /opt/venv
COPY requirements.txt .
# Every requirement has a wheel for this Python, so no compiler is needed.
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
    --only-binary :all: -r requirements.txt

FROM python:3.12-slim-bookworm
# For names on paper, in the scripts that the county writes in (docs/decisions/0008).
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-noto-core \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 many-hands \
    && useradd --system --uid 10001 --gid many-hands --home-dir /srv/many-hands \
        --no-create-home --shell /usr/sbin/nologin many-hands
WORKDIR /srv/many-hands
COPY --from=libraries /opt/venv /opt/venv
COPY config.py worker.py wsgi.py ./
COPY migrations migrations
COPY app app
COPY scripts/translations.py scripts/
COPY --from=assets /build/app/static app/static
# The code belongs to root: what the service cannot change, an intruder cannot either.
RUN /opt/venv/bin/python scripts/translations.py compile \
    && rm -r scripts \
    && python -m compileall -q app migrations config.py worker.py wsgi.py \
    && install -d -o many-hands -g many-hands /var/lib/many-hands
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FLASK_APP=wsgi:app \
    APP_ENV=production \
    DATA_FOLDER=/var/lib/many-hands
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# Threads, because a page waits for the database most of the time; /dev/shm, because the
# workers' heartbeat files must not wait for a disk.
CMD ["gunicorn", "wsgi:app", "--bind", "0.0.0.0:8000", "--workers", "4", "--threads", "4", \
     "--timeout", "60", "--graceful-timeout", "30", "--keep-alive", "5", \
     "--worker-tmp-dir", "/dev/shm", "--max-requests", "5000", "--max-requests-jitter", "500", \
     "--no-control-socket", "--log-level", "warning"]
