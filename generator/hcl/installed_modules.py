"""Modules that `terraform init` has put on disk: which of them a call means."""

import json
import re
from collections.abc import Mapping

from generator.frozen_data import frozen
from generator.model.version_constraint import fits

_REGISTRY = re.compile(r"(?:(?P<host>[\w.-]+\.[\w-]+)/)?(?P<rest>[\w-]+/[\w-]+/[\w-]+(?://.*)?)")
_DEFAULT_HOSTS = ("registry.terraform.io", "registry.opentofu.org")
_SHORT = re.compile(
    r"(?P<place>(?:github\.com|bitbucket\.org)/[^/?]+/[^/?]+)(?P<rest>.*)", re.DOTALL
)
_SSH = re.compile(r"(?:git::)?(?P<user>[\w.-]+)@(?P<host>[\w.-]+):(?P<path>[^?]*)(?P<rest>.*)")


@frozen
class InstalledModule:
    """What the manifest of `terraform init` says about one call."""

    folder: str
    source: str
    version: str

    def is_of(self, source: str, version: str | None) -> bool:
        """Whether it is what a call asks for; if not, Terraform would fetch it anew.

        `version` is the call's constraint, `None` without one.
        """
        if self.source not in _normal_sources(source):
            return False
        if not self.version:
            return version is None
        return version is None or fits(self.version, version)


def installed_modules(text: str) -> Mapping[str, InstalledModule]:
    """The modules of `.terraform/modules/modules.json` by the full names of their calls."""
    try:
        manifest: object = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    entries = manifest.get("Modules") if isinstance(manifest, dict) else None
    found: dict[str, InstalledModule] = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            words = [entry.get(name, "") for name in ("Key", "Dir", "Source", "Version")]
            if all(isinstance(word, str) for word in words):
                key, folder, source, version = map(str, words)
                found[key] = InstalledModule(folder=folder, source=source, version=version)
    return found


def _normal_sources(source: str) -> tuple[str, ...]:
    """How Terraform notes a source that is written in one of the usual ways."""
    if match := _REGISTRY.fullmatch(source):
        if match["host"] in ("github.com", "bitbucket.org"):
            return _short(source)
        hosts = (match["host"],) if match["host"] else _DEFAULT_HOSTS
        return tuple(f"{host}/{match['rest']}" for host in hosts)
    if match := _SSH.fullmatch(source):
        address = f"git::ssh://{match['user']}@{match['host']}/{match['path'].lstrip('/')}"
        return (f"{address}{match['rest']}",)
    return _short(source) or (source,)


def _short(source: str) -> tuple[str, ...]:
    match = _SHORT.fullmatch(source)
    if match is None:
        return ()
    place = match["place"] if match["place"].endswith(".git") else f"{match['place']}.git"
    return (f"git::https://{place}{match['rest']}",)
