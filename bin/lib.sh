# Shared by the scripts in bin/: installs what is missing, sets the environment. Sourced, not run.
# Everything the portal writes goes to var/, the Python environment to .venv/; git ignores both.

set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
# Whoever forbids Python to keep what it compiled would have every process compile the whole portal again.
unset PYTHONDONTWRITEBYTECODE

RUN_PACKAGES="python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk fontconfig"
TEST_PACKAGES="chromium-headless-shell postgresql redis-server poppler-utils nginx-light caddy"

say() { printf '%s\n' "$*" >&2; }

# Debian packages that are missing get installed when we may, otherwise the one command is printed.
need_packages() {
  local missing=() package
  command -v dpkg-query >/dev/null || return 0
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" = "install ok installed" ] || missing+=("$package")
  done
  # Any Node.js with npm will do, wherever it came from.
  command -v npm >/dev/null || missing+=(nodejs npm)
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -eq 0 ]; then
    say "Installing ${missing[*]} …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    say "These Debian packages are missing. Please run:"
    say "  sudo apt-get install --no-install-recommends ${missing[*]}"
    exit 3
  fi
}

# The distribution's own Python comes first: it is built with profile-guided optimisation, which those
# that version managers compile are not by default. PYTHON names another one.
python_of_choice() {
  local python
  for python in ${PYTHON:-/usr/bin/python3 python3}; do
    "$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$python" && return 0
  done
  say "Python 3.11 or newer with its venv module is needed."
  exit 3
}

# Install the locked Python packages once per lock file: need_python requirements.lock
need_python() {
  local lock=$1 stamp wanted python
  stamp=.venv/installed
  wanted=$(sha256sum "$lock" | cut -d' ' -f1)
  if [ ! -f "$stamp" ] || ! grep -qx "$wanted" "$stamp"; then
    if [ ! -x .venv/bin/python ]; then
      python=$(python_of_choice)
      "$python" -m venv .venv
    fi
    say "Installing Python packages …"
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
    echo "$wanted" >>"$stamp"
    # The test environment holds everything the portal runs on.
    [ "$lock" = requirements-dev.lock ] && sha256sum requirements.lock | cut -d' ' -f1 >>"$stamp"
  fi
  return 0
}

# Install the locked npm packages once per lock file: need_npm run, or need_npm all with what only checks use.
need_npm() {
  local scope=$1 stamp=node_modules/.installed wanted omit=()
  wanted=$(sha256sum package-lock.json | cut -d' ' -f1)
  if [ -f "$stamp" ]; then
    grep -qx "$wanted all" "$stamp" && return 0
    [ "$scope" = run ] && grep -qx "$wanted run" "$stamp" && return 0
  fi
  [ "$scope" = run ] && omit=(--omit=dev)
  say "Installing front-end packages …"
  npm ci --ignore-scripts --silent "${omit[@]}" >&2
  echo "$wanted $scope" >"$stamp"
}

# One word for all that runs here: it changes with any file of the portal and with any package.
code_version() {
  find bin manage.py requirements.lock package-lock.json fixtures static templates \
       metrostd campaigns selfcheck inspections rectification reporting \
       -type f ! -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# Build what the portal serves of the locked npm packages, and leave of it in var/frontend/ what pages use.
need_frontend() {
  local whole=var/frontend-whole done_for=var/frontend/done-for stamp wanted
  [ -f "$done_for" ] && [ "$(cat "$done_for")" = "$(code_version)" ] && return 0
  stamp=$whole/built
  wanted=$(cat package-lock.json bin/frontend/*.sh bin/frontend/*.js | sha256sum | cut -d' ' -f1)
  if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
    say "Installing front-end files …"
    need_npm run
    rm -rf "$whole"
    bin/frontend/build.sh "$whole"
    echo "$wanted" >"$stamp"
  fi
  .venv/bin/python bin/frontend/trim.py "$whole" var/frontend
  # Scripts of ours that stand on packages.
  need_npm run
  bin/frontend/onsite.sh var/frontend/vendor
  code_version >"$done_for"
}

# The variables of a portal on this machine: a secret of its own, plain HTTP on loopback.
local_environment() {
  umask 077
  mkdir -p var
  [ -s var/secret_key ] || .venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(64))' >var/secret_key
  umask 022
  export SECRET_KEY_FILE=${SECRET_KEY_FILE:-$ROOT/var/secret_key}
  # Everybody's sample account is opened with one password; a production portal asks offices for more.
  export SECOND_FACTOR_REQUIRED=${SECOND_FACTOR_REQUIRED:-false}
  export SECURE_HTTPS=${SECURE_HTTPS:-false}
}

# Gather and compress what browsers ask for once, unless nothing of it changed.
collect_static() {
  local mark=var/static-collected wanted
  wanted=$({ echo "${STATIC_COMPRESS-}"; cat var/frontend/installed requirements.lock package-lock.json
             find static -type f -exec sha256sum {} + | sort; } | sha256sum | cut -d' ' -f1)
  [ -d var/static ] && [ -f "$mark" ] && [ "$(cat "$mark")" = "$wanted" ] && return 0
  .venv/bin/python manage.py collectstatic --noinput --clear -v 0
  echo "$wanted" >"$mark"
}
