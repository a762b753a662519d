"""Higher stages say here which office sees to it that what a unit owes is done; nobody below imports them."""

from collections.abc import Callable, Collection, Mapping

#: For the keys of records of one model: the key of the authority that sees to each.
Overseer = Callable[[Collection[int]], Mapping[int, int | None]]

_overseers: dict[str, Overseer] = {}


def overseer_of(label: str) -> Callable[[Overseer], Overseer]:
    """Register the office behind records of a model, e.g. ``selfcheck.selfcheckreport``."""

    def register(source: Overseer) -> Overseer:
        _overseers[label] = source
        return source

    return register


def overseers(label: str, keys: Collection[int]) -> Mapping[int, int | None]:
    """The offices behind these records; nothing for a model nobody speaks for."""
    source = _overseers.get(label)
    return source(keys) if source else {}
