"""The bare view as an application of its own, for gunicorn."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metrostd.settings")

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

django.setup()

import bare  # noqa: E402

settings.MIDDLEWARE, settings.ROOT_URLCONF = bare.MIDDLEWARE, "bare"
application = WSGIHandler()
