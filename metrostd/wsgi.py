"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from metrostd.common.patience import patient

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metrostd.settings")
application = patient(get_wsgi_application())
