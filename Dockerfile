# The portal's image: web, worker and beat run from it with different commands.
FROM node:20-bookworm-slim AS frontend
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev
COPY bin/frontend bin/frontend
COPY static/js/onsite static/js/onsite
RUN bin/frontend/build.sh whole

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
      fonts-noto-cjk fontconfig \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
# Only what the pages name of styles and icons is served.
RUN --mount=from=frontend,source=/src/whole,target=/srv/whole python bin/frontend/trim.py /srv/whole /srv/frontend
ENV METROSTD_VAR=/srv/var METROSTD_FRONTEND=/srv/frontend
# A volume mounted on the folder of files takes over its owner.
RUN useradd --system --uid 10001 --home /srv/var metrostd \
 && mkdir -p /srv/var/files /srv/var/state && chown -R metrostd /srv/var
USER metrostd
RUN SECRET_KEY=unused python manage.py collectstatic --noinput -v 0
EXPOSE 8000
CMD ["gunicorn", "metrostd.wsgi", "--worker-class", "metrostd.common.patient_worker.PatientWorker", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--timeout", "60", "--access-logfile", "-", "--worker-tmp-dir", "/tmp", "--no-control-socket"]
