"""Why a file is not taken in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A code and a sentence about the file, to be read after its name.

    A file of a kind nobody takes has no sentence; ``looks_like`` says what it seems to be, if anything.
    """

    code: str
    sentence: str = ""
    looks_like: str = ""
