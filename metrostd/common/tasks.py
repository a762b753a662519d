"""Where the worker finds the platform's tasks."""

from .jobs import run_job
from .table_statistics import refresh_statistics

__all__ = ("refresh_statistics", "run_job")
