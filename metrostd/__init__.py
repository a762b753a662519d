"""计量标准专项监督检查: the platform that every stage of the work stands on."""

from .celery import app as celery_app

__all__ = ("celery_app",)
