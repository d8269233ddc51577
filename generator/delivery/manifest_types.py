"""What a manifest says: which files `generate` wrote, and what they held."""

from collections.abc import Mapping
from dataclasses import field

from generator.frozen_data import frozen
from generator.model.filetree import Adopted, CacheLine

MERGED = "merged"
"""The hash of a file that two sides of a merge have otherwise: it holds what git made of both."""


@frozen
class RootEntry:
    """What a manifest says about the root module that it lies in: paths relative to the root."""

    account: str
    account_id: str
    files: Mapping[str, str]
    caches: tuple[CacheLine, ...]
    adopted: Adopted = field(default_factory=dict)


@frozen
class Manifest:
    """One manifest: of a root, of the output folder (`roots`, `shared`), or of both in one folder.

    Files are held with the hash of their content. `roots` are folders below the output folder.
    """

    root: RootEntry | None = None
    roots: tuple[str, ...] = ()
    shared: Mapping[str, str] = field(default_factory=dict)
