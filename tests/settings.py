"""The one override file: the real settings with a fast hasher, a temporary folder, eager tasks."""

import os
import tempfile

os.environ.setdefault("DEBUG", "true")
os.environ.setdefault("METROSTD_VAR", tempfile.mkdtemp(prefix="metrostd-test-"))

from metrostd.settings import *  # noqa: E402, F403

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
