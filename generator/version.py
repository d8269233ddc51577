"""The version of forebay that runs."""

import re


def version() -> str:
    """The version of the installed distribution."""
    # Costs some ten milliseconds, so only those who show the version pay for it.
    from importlib.metadata import version as installed

    return installed("forebay")


def release() -> str:
    """The three numbers of the version, without what marks it as not yet released."""
    whole = version()
    numbers = re.match(r"\d+\.\d+\.\d+", whole)
    return numbers[0] if numbers else whole


def documentation_page(path: str) -> str | None:
    """Where a page of the documentation is published, `None` where the distribution does not say.

    `[project.urls]` of the distribution names the site as `Documentation`.
    """
    from importlib.metadata import metadata

    for line in metadata("forebay").get_all("Project-URL") or ():
        label, _, url = line.partition(",")
        if label.strip().lower() == "documentation" and url.strip().startswith("https://"):
            return f"{url.strip().rstrip('/')}/{path}"
    return None
