"""The Celery application. Work handed off lives in ``tasks.py``, what the clock starts in ``schedule.py``."""

import os

from celery import Celery

from .common import queue_folder

queue_folder.install()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metrostd.settings")

app = Celery("metrostd")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="schedule")
