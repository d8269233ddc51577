"""The manifests: what `generate` wrote, so that the next run knows its own files from others'."""

import hashlib
import json
import re
import shlex
from pathlib import Path

from generator.delivery.manifest_types import MERGED, Manifest, RootEntry
from generator.delivery.merged_manifest import has_markers, sides_of, union, with_commas
from generator.disk.reading import read_file
from generator.model.address import is_reference
from generator.model.errors import InvalidValueError, ToolError
from generator.model.filetree import CacheLine

NAME = ".forebay.json"
"""The name of a manifest."""

VERSION = 1

_ROOT_FILE = re.compile(
    r"(access|adopt|keys|main|outputs|providers|sources|terraform|variables)\.tf|README\.md"
    r"|registry-policy\.[a-z0-9-]+\.json"
)
_SHARED_FILE = re.compile(
    r"modules/[a-z0-9-]+/[a-z0-9_-]+\.tf|handover/[^./][^/]*/(README\.md|[^./][^/]*\.json)"
)
# What Terraform reads by itself, or keeps its state in: never ours, whatever a manifest says.
_NOT_OURS = re.compile(r"tfvars|tfstate", re.IGNORECASE)
_FOLDER = re.compile(r"\.|[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_HASH = re.compile(rf"[0-9a-f]{{64}}|{MERGED}")
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
_PREFIX = re.compile(r"[A-Za-z0-9._/-]{1,256}")
_UPSTREAM = re.compile(r"[A-Za-z0-9._:/-]{1,512}")

_MOST_ADDRESS = 1000

MOST_ROOTS = 20_000
"""More are refused: each is looked at on disk."""

MOST_BYTES = 64 * 1024 * 1024
"""A larger file is refused: the manifest of a thousand roots has a hundredth of that."""


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
        if manifest.root.adopted:
            document["adopted"] = dict(manifest.root.adopted)
    if of_output_folder:
        document |= {"roots": sorted(manifest.roots), "shared": dict(manifest.shared)}
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def read_manifest(path: Path) -> Manifest | None:
    """The manifest on disk, `None` when there is none; one that cannot be used is an error."""
    try:
        content = read_file(path, limit=MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, f"it cannot be read ({error.strerror})") from error
    if len(content) > MOST_BYTES:
        raise _unusable(path, f"it has more than {MOST_BYTES} bytes")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise _unusable(path, "it is not UTF-8 text") from error
    if not has_markers(text):
        return _manifest(text, path)
    ours, theirs = (_manifest(side, path) for side in sides_of(text))
    try:
        return union(ours, theirs)
    except InvalidValueError as error:
        raise _unusable(path, str(error)) from error


def _manifest(text: str, path: Path) -> Manifest:
    """What one text of a manifest says."""
    document = _json_of(text, path)
    if not isinstance(document, dict):
        raise _unusable(path, "it is not a JSON object")
    if document.get("version") != VERSION:
        raise _unusable(path, f"its version is not {VERSION}: another forebay wrote it")
    root = None
    if "account_id" in document:
        root = RootEntry(
            account=_word(document.get("account"), _ACCOUNT, path),
            account_id=_word(document.get("account_id"), _ACCOUNT_ID, path),
            files=_hashes(document.get("files"), _ROOT_FILE, path),
            caches=tuple(
                CacheLine(
                    region=_word(region, _REGION, path),
                    prefix=_word(prefix, _PREFIX, path),
                    upstream=_word(upstream, _UPSTREAM, path),
                )
                for region, rules in _mapping(document.get("rules"), path).items()
                for prefix, upstream in _mapping(rules, path).items()
            ),
            adopted={
                _address(to, path): None if source is None else _address(source, path)
                for to, source in _mapping(document.get("adopted", {}), path).items()
            },
        )
    folders = document.get("roots", [])
    if not isinstance(folders, list) or len(folders) > MOST_ROOTS:
        raise _unusable(path, f"`roots` is not a list of at most {MOST_ROOTS} folders")
    return Manifest(
        root=root,
        roots=tuple(_word(folder, _FOLDER, path) for folder in folders),
        shared=_hashes(document.get("shared", {}), _SHARED_FILE, path),
    )


def _json_of(text: str, path: Path) -> object:
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        try:
            document = json.loads(with_commas(text))
        except (ValueError, RecursionError) as error:
            raise _unusable(path, "it is not JSON") from error
    return document


def is_file_of_a_root(name: str) -> bool:
    """Whether `generate` writes files of that name into the folder of a root."""
    return _ROOT_FILE.fullmatch(name) is not None


def is_shared_file(path: str) -> bool:
    """Whether `generate` writes a file of that path below the output folder, outside of roots."""
    return _SHARED_FILE.fullmatch(path) is not None and not _NOT_OURS.search(path)


def _hashes(value: object, names: re.Pattern[str], path: Path) -> dict[str, str]:
    hashes = {}
    for name, content in _mapping(value, path).items():
        # A manifest comes with the code, so a stranger may have written it: what it names is shown,
        # overwritten and deleted.
        if names.fullmatch(name) is None or _NOT_OURS.search(name):
            raise _unusable(path, f"`{_shown(name)}` is no file that `forebay generate` writes")
        hashes[name] = _word(content, _HASH, path)
    return hashes


def _mapping(value: object, path: Path) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _unusable(path, "an object is missing")
    return {str(key): item for key, item in value.items()}


def _word(value: object, words: re.Pattern[str], path: Path) -> str:
    if not isinstance(value, str):
        raise _unusable(path, "a text is missing")
    if words.fullmatch(value) is None:
        raise _unusable(path, f"`{_shown(value)}` is not what forebay writes there")
    return value


def _address(value: object, path: Path) -> str:
    if not isinstance(value, str) or len(value) > _MOST_ADDRESS or not is_reference(value):
        raise _unusable(path, f"`{_shown(str(value))}` is no address of a resource")
    return value


def _shown(text: str) -> str:
    """A stranger's text in a message: short, and nothing in it but itself."""
    return ascii(text[:100])[1:-1].replace("`", "\\x60")


def _unusable(path: Path, reason: str) -> ToolError:
    return ToolError(
        "a manifest cannot be used",
        f"`{path}`: {reason}. It says which files forebay wrote, so nothing is touched without it. "
        "Restore it from version control. When that is not possible, delete it: files that are "
        "just as forebay would write them are taken over again, others are shown and left alone.",
        commands=(f"git checkout -- {shlex.quote(str(path))}",),
        place=path,
    )
