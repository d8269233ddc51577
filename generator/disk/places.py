"""Whether links on the way to a place lead out of the project that it is written in."""

import os
import re
from collections.abc import Iterator
from pathlib import Path


def leads_out(path: Path, base: Path | None = None) -> bool:
    """Whether a path lies in a project by its letters, and elsewhere once links are followed.

    What git keeps for itself is elsewhere, too.

    Projects are the folder `base` (by default the working folder) and each folder with `.git` above
    the path. A path outside of them all was named by the user, and leads nowhere else.
    """
    base = Path.cwd() if base is None else base
    absolute = Path(os.path.normpath(base / path))
    # Unlike `resolve`, this takes a loop of links for a path that does not exist.
    try:
        real = Path(os.path.realpath(absolute))
    except ValueError:  # no file can have such a name
        return False
    for project in _projects(absolute, base):
        root = os.path.realpath(project)
        if not real.is_relative_to(root) or is_of_git(real.relative_to(root)):
            return True
    return False


def is_in_project(path: Path, base: Path | None = None) -> bool:
    """Whether a path lies in a project by its letters, so that strangers may have written there."""
    base = Path.cwd() if base is None else base
    return any(True for _ in _projects(Path(os.path.normpath(base / path)), base))


def is_of_git(path: Path) -> bool:
    """Whether a path lies in git's own folder, which holds tokens of the server and is nobody's code."""
    return any(part.lower() == ".git" for part in path.parts)


_CREDENTIALS = re.compile(
    r"\.git-credentials|[._]netrc|\.npmrc|\.pypirc|\.dockercfg|\.env(?:\..*)?|\.terraformrc|terraform\.rc"
    r"|credentials(?:\..*)?|gha-creds-.*\.json|kubeconfig|id_[a-z0-9]+|.*\.(?:pem|key|p12|pfx|tfstate|tfstate\.backup)",
    re.IGNORECASE,
)
_CREDENTIAL_FOLDERS = frozenset({".aws", ".ssh", ".docker", ".kube", ".azure", ".gnupg"})


def holds_credentials(path: Path) -> bool:
    """Whether a file's name says that it holds passwords or keys: nothing reads or quotes it."""
    target = Path(os.path.realpath(path))
    return any(
        _CREDENTIALS.fullmatch(place.name) or _CREDENTIAL_FOLDERS & set(place.parts)
        for place in (path, target)
    )


def _projects(absolute: Path, base: Path) -> Iterator[Path]:
    for folder in absolute.parents:
        if folder == base or os.path.lexists(folder / ".git"):
            yield folder
