"""The one override file: the real settings with a fast hasher, a temporary folder, eager tasks."""

import os
import tempfile

os.environ.setdefault("DEBUG", "true")
os.environ.setdefault("METROSTD_VAR", tempfile.mkdtemp(prefix="metrostd-test-"))

# With xdist the first process starts the server and the workers inherit its address.
if os.environ.get("TEST_DATABASE") == "postgres" and "DATABASE_URL" not in os.environ:
    from tests.services import start_postgres

    os.environ["DATABASE_URL"] = start_postgres()

from metrostd.settings import *  # noqa: F403

DEBUG = False
# Tables straight from the models: `makemigrations --check` says that migrations make the same ones, and the
# production shape and bin/demo run them. conftest.py notes them as applied.
DATABASES["default"]["TEST"] = {"MIGRATE": False}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
# A process that lays out papers takes two seconds to begin, for archives of three papers; test_press.py has several.
PAPER_CORES = 1
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Workers of a parallel run would read each other's; conftest empties it between tests.
CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in ("default", "leases")
}
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
# Every client of the tests makes a handler of its own; none of them asks for a static file.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = False
# Tests sign in without a second factor unless they test it.
SECOND_FACTOR_REQUIRED = False
# Every request of every test: what it writes leaves a trail row.
MIDDLEWARE = ["tests.trail_watch.TrailWatchMiddleware", *MIDDLEWARE]  # noqa: F405
# Every test has rows of its own at the same addresses; pages for anybody are kept where that is tested.
PUBLIC_PAGES_SECONDS = 0
