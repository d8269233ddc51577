"""The version of forebay that runs."""


def version() -> str:
    """The version of the installed distribution."""
    # Costs some ten milliseconds, so only those who show the version pay for it.
    from importlib.metadata import version as installed

    return installed("forebay")
