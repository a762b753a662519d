"""The bare view as applications of their own, for gunicorn: ``floor``, and ``portal`` behind all that
stands before every view of the portal."""

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

settings.ROOT_URLCONF = "bare"


def portal() -> WSGIHandler:
    return WSGIHandler()


def floor() -> WSGIHandler:
    settings.MIDDLEWARE = bare.MIDDLEWARE
    return WSGIHandler()
