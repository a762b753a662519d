"""``manage.py load_reference``: bring reference data in the database up to date with fixtures/."""

from typing import Any

from django.core.management.base import BaseCommand

from campaigns.reference import load_reference


class Command(BaseCommand):
    help = "Load authorities, professional fields, work days, routing rules and checklists."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, made in load_reference().items():
            self.stdout.write(f"{name}: {made} new")
