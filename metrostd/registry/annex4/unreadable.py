"""The one exception for a file whose cells cannot be read at all."""


class UnreadableFile(Exception):  # noqa: N818 -- named for what it says to the reader
    """The upload is not a workbook this portal reads.

    ``code`` is stable (``EMPTY_FILE``, ``NOT_A_WORKBOOK``, ``WRONG_KIND``, ``PASSWORD``, ``DAMAGED``,
    ``TOO_LARGE``); ``message`` is a Chinese sentence that names what was found and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
