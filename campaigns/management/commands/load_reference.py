"""``manage.py load_reference``: bring reference data in the database up to date with fixtures/."""

from django.core.management.base import BaseCommand

from campaigns.reference import load_reference


class Command(BaseCommand):
    help = "Load authorities, professional fields, work days, routing rules and checklists."

    def handle(self, *args: object, **options: object) -> None:
        for name, done in load_reference().items():
            self.stdout.write(
                f"{name}: {done.made} new, {done.updated} updated, {len(done.kept)} kept as changed by hand"
            )
            for words in done.kept:
                self.stdout.write(f"  {words}")
