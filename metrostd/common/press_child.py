"""A process that lays out papers: their words in, line by line, their pages out; it asks no database."""

import json
import struct
import sys

import django

#: Before a paper: whether it is one or the words of what went wrong, and its length.
HEAD = struct.Struct(">?Q")


def main() -> None:
    """Lay out what comes in until nothing comes any more."""
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever prints must not stand between papers
    django.setup()
    from . import papers  # noqa: PLC0415 -- models cannot be imported before

    for line in sys.stdin.buffer:
        asked = json.loads(line)
        try:
            good, content = True, papers.laid_out(asked["kind"], asked["words"])
        except Exception as error:  # told to the one who asked; the next paper may do
            good, content = False, f"{type(error).__name__}: {error}".encode()
        out.write(HEAD.pack(good, len(content)))
        out.write(content)
        out.flush()


if __name__ == "__main__":
    main()
