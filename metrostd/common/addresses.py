"""Addresses of pages that hold keys or nothing: the words around the keys are looked up once.

Django looks the name of a page up anew for every row of a list and every entry of the menu; a list of fifty
rows asked it three hundred times.
"""

from functools import cache

from django.urls import get_script_prefix, get_urlconf, reverse

#: Numbers no address holds by itself: where they stand in one, a key stands.
_MARK = 7_300_000_000_000_000_001


def address(name: str, *keys: int) -> str:
    """What ``reverse`` gives for whole numbers; NoReverseMatch where there is no such page."""
    if not all(isinstance(key, int) and key >= 0 for key in keys):
        return reverse(name, args=keys)  # which says what is wrong with them
    return _words(name, len(keys), get_script_prefix(), get_urlconf()) % keys


@cache  # as many as there are pages; where the portal stands is part of it
def _words(name: str, places: int, *_where: str | None) -> str:
    """The address with ``%d`` where its keys stand."""
    marks = [_MARK + n for n in range(places)]
    words = reverse(name, args=marks).replace("%", "%%")
    for mark in marks:
        words = words.replace(str(mark), "%d")
    return words
