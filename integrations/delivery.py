"""What may become of a message that is handed to a carrier."""


class Undelivered(Exception):
    """The carrier could not take it now; try again later."""


class Refused(Exception):
    """The carrier will never take it, such as for an unknown number."""


class NotConfigured(Exception):
    """The settings name no carrier."""

    def __init__(self, setting: str) -> None:
        super().__init__(f"{setting} is not set")


class Kept:
    """A carrier that delivers nothing; the text is kept and shown instead."""

    keeps_body = True
