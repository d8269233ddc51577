"""The manifests: what `generate` wrote, so that the next run knows its own files from others'."""

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from generator.model.errors import ToolError
from generator.model.filetree import CacheLine

NAME = ".forebay.json"
"""The name of a manifest."""

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RootEntry:
    """What a manifest says about the root module that it lies in: paths relative to the root."""

    account: str
    account_id: str
    files: Mapping[str, str]
    caches: tuple[CacheLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One manifest: of a root, of the output folder (`roots`, `shared`), or of both in one folder.

    Files are held with the hash of their content. `roots` are folders below the output folder.
    """

    root: RootEntry | None = None
    roots: tuple[str, ...] = ()
    shared: Mapping[str, str] = field(default_factory=dict)


def content_hash(content: bytes) -> str:
    """The hash of a file's content; a checkout with other line ends has the same one."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def manifest_text(manifest: Manifest, *, of_output_folder: bool) -> str:
    """The manifest as it stands on disk."""
    document: dict[str, object] = {"version": VERSION}
    if manifest.root is not None:
        rules: dict[str, dict[str, str]] = {}
        for cache in manifest.root.caches:
            rules.setdefault(cache.region, {})[cache.prefix] = cache.upstream
        document |= {
            "account": manifest.root.account,
            "account_id": manifest.root.account_id,
            "files": dict(manifest.root.files),
            "rules": rules,
        }
    if of_output_folder:
        document |= {"roots": sorted(manifest.roots), "shared": dict(manifest.shared)}
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def read_manifest(path: Path) -> Manifest | None:
    """The manifest on disk, `None` when there is none; one that cannot be used is an error."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, f"it cannot be read ({error.strerror})") from error
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _unusable(path, "it is not JSON") from error
    if not isinstance(document, dict):
        raise _unusable(path, "it is not a JSON object")
    if document.get("version") != VERSION:
        raise _unusable(path, f"its version is not {VERSION}: another forebay wrote it")
    root = None
    if "account_id" in document:
        root = RootEntry(
            account=_text(document.get("account"), path),
            account_id=_text(document.get("account_id"), path),
            files=_hashes(document.get("files"), path),
            caches=tuple(
                CacheLine(region=region, prefix=prefix, upstream=_text(upstream, path))
                for region, rules in _mapping(document.get("rules"), path).items()
                for prefix, upstream in _mapping(rules, path).items()
            ),
        )
    folders = document.get("roots", [])
    if not isinstance(folders, list):
        raise _unusable(path, "`roots` is not a list")
    return Manifest(
        root=root,
        roots=tuple(_inside(_text(folder, path), path) for folder in folders),
        shared=_hashes(document.get("shared", {}), path),
    )


def _hashes(value: object, path: Path) -> dict[str, str]:
    return {
        _inside(name, path): _text(content, path) for name, content in _mapping(value, path).items()
    }


def _mapping(value: object, path: Path) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _unusable(path, "an object is missing")
    return {str(key): item for key, item in value.items()}


def _text(value: object, path: Path) -> str:
    if not isinstance(value, str):
        raise _unusable(path, "a text is missing")
    return value


def _inside(name: str, path: Path) -> str:
    """The relative path as it is; one that leads out of the folder would delete others' files."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\\" in name or "\0" in name or ":" in name:
        raise _unusable(path, f"`{name}` leads out of the folder")
    return name


def _unusable(path: Path, reason: str) -> ToolError:
    return ToolError(
        "a manifest cannot be used",
        f"`{path}`: {reason}. It says which files forebay wrote, so nothing is touched without it. "
        "Restore it from version control. When that is not possible, delete it: files that are "
        "just as forebay would write them are taken over again, others are shown and left alone.",
        commands=(f"git checkout -- {shlex.quote(str(path))}",),
    )
