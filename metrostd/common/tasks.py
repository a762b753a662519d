"""Where the worker finds the platform's tasks."""

from .jobs import run_job

__all__ = ("run_job",)
