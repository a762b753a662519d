"""Numbers of rows that stories make in one portal."""

from factory.django import DjangoModelFactory


def count_from(number: int) -> None:
    """Other stories make rows in the same portal, in processes of their own that count from nothing."""
    waiting = [DjangoModelFactory]
    while waiting:
        for each in waiting.pop().__subclasses__():
            waiting.append(each)
            if each._meta.model is not None:
                each.reset_sequence(number, force=True)
