# The portal's image: web, worker and beat run from it with different commands.
FROM node:20-bookworm-slim AS frontend
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
RUN mkdir -p vendor/fonts \
 && cp node_modules/@tabler/core/dist/css/tabler.min.css node_modules/@tabler/core/dist/js/tabler.min.js \
       node_modules/@tabler/icons-webfont/dist/tabler-icons.min.css node_modules/htmx.org/dist/htmx.min.js \
       node_modules/echarts/dist/echarts.min.js node_modules/signature_pad/dist/signature_pad.umd.min.js vendor/ \
 && cp node_modules/@tabler/icons-webfont/dist/fonts/tabler-icons.woff2 vendor/fonts/ \
 && sed -i -E 's#/[*/][#@] sourceMappingURL=[^*]*(\*/)?##' vendor/*.css vendor/*.js \
 && sed -i -E 's#,url\("?\./fonts/tabler-icons\.(woff|ttf)[^)]*\)[^,;}]*##g' vendor/tabler-icons.min.css

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
      fonts-noto-cjk fontconfig \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
COPY --from=frontend /src/vendor /srv/frontend/vendor
ENV METROSTD_VAR=/srv/var METROSTD_FRONTEND=/srv/frontend
# A volume mounted on the folder of files takes over its owner.
RUN useradd --system --home /srv/var metrostd && mkdir -p /srv/var/files && chown -R metrostd /srv/var
USER metrostd
RUN SECRET_KEY=unused python manage.py collectstatic --noinput -v 0
EXPOSE 8000
CMD ["gunicorn", "metrostd.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--no-control-socket"]
