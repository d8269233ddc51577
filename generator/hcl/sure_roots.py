"""Which folders are root modules for sure, told by the text of all code before any of it is parsed.

So each process can evaluate a root as soon as it has parsed it, and need not wait for what others call.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from generator.data.resources import module_folder
from generator.hcl.files import joined, resolved
from generator.hcl.relevance import CodeFolder, plain_bytes
from generator.hcl.roots import FolderCalls

# For a source that is no plain text in quotes, no folder is read.
_LOCAL_SOURCE = re.compile(rb'"(\.\.?(?:/[^"\r\n]*)?)"')
_BEGINS_ESCAPED = re.compile(rb'"\\[uU]')
_HAS_ESCAPES = re.compile(rb"\\|\$\$\{|%%\{")
_INSTALLED = Path(".terraform/modules/modules.json")
_INSTALLED_FOLDER = re.compile(rb'"Dir"\s*:\s*"([^"]*)"')


def sure_roots(
    folders: Sequence[CodeFolder], known: Sequence[FolderCalls], links: frozenset[Path]
) -> frozenset[Path]:
    """The folders that no other one can call as a module, whatever its code says; `known` are read.

    Nothing is sure of links, of copies of our own modules, and where a text may hide what it calls.
    """
    called = set[Path | None]().union(*(entry.calls for entry in known))
    for entry in folders:
        places = _may_call(entry)
        if places is None:
            return frozenset()
        called |= places - {resolved(entry.folder)}
    return frozenset(
        entry.folder
        for entry in folders
        if entry.folder not in links
        and module_folder(entry.folder.name) is None
        and resolved(entry.folder) not in called
    )


def _may_call(entry: CodeFolder) -> set[Path | None] | None:
    """All places that a folder may call; `None` where its text does not say them."""
    code = entry.content
    if code is None or _BEGINS_ESCAPED.search(code):
        return None
    sources = set(_LOCAL_SOURCE.findall(code))
    if any(map(_HAS_ESCAPES.search, sources)):
        return None
    manifest = entry.folder / _INSTALLED
    if manifest.exists():
        # What `terraform init` has noted can name any folder.
        noted = plain_bytes(manifest, entry.project_root)
        if noted is None or b"\\" in noted:
            return None
        sources.update(_INSTALLED_FOLDER.findall(noted))
    named = (source.decode("utf-8", "replace") for source in sources)
    return {resolved(joined(entry.folder, source)) for source in named}
