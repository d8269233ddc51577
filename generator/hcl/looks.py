"""Marks of what was looked at on disk: with the same marks, the same would be seen."""

import os
import stat
from functools import cache
from hashlib import sha256
from pathlib import Path

from generator.data.resources import modules_folder
from generator.hcl.files import LARGEST_FILE, is_inside
from generator.hcl.settings import Engine, is_code

_VALUES = (".tfvars", ".tfvars.json")


class NoMarkError(Exception):
    """There is something that no mark stands for, such as a link."""


def mark(path: Path) -> str:
    """What stands for a file's content, or for a folder's names and its files of code.

    Raises `NoMarkError` for what cannot be read as an ordinary file or folder, and for links.
    """
    place = os.path.abspath(path)  # noqa: PTH100 - many folders: paths cost more
    if os.path.realpath(place) != place:
        raise NoMarkError
    try:
        mode = os.lstat(place).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "none"
    if stat.S_ISDIR(mode):
        return _folder(place)
    return _file(place).hex()


def look_at(path: Path, project_root: Path) -> str | None:
    """The mark of something inside of the project; `None` where there is none."""
    try:
        return mark(path) if is_inside(path, project_root) else None
    except (NoMarkError, OSError):
        return None


def _folder(place: str) -> str:
    known = sha256()
    with os.scandir(place) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_symlink():
            raise NoMarkError
        sort = "folder" if entry.is_dir(follow_symlinks=False) else "file"
        known.update(f"{sort} {entry.name}\0".encode("utf-8", "surrogateescape"))
        if sort == "file" and (is_code(entry.name, Engine.TOFU) or entry.name.endswith(_VALUES)):
            known.update(_file(entry.path))
    return known.hexdigest()


def _file(place: str) -> bytes:
    if not stat.S_ISREG(os.lstat(place).st_mode):
        raise NoMarkError
    with open(place, "rb", buffering=0) as file:  # noqa: PTH123
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
            raise NoMarkError
        return sha256(file.read(LARGEST_FILE + 1)).digest()


@cache
def program_mark() -> str:
    """What stands for the program that reads: other code of it may read otherwise."""
    import generator
    from generator.hcl.grammar import package_folder

    known = sha256()
    folders = [*generator.__path__, str(package_folder()), str(modules_folder())]
    while folders:
        with os.scandir(folders.pop()) as found:
            for entry in sorted(found, key=lambda entry: entry.name):
                if entry.is_dir():
                    folders.append(entry.path)
                elif entry.name.endswith((".py", ".tf", ".json", ".lark")):
                    status = entry.stat()
                    known.update(f"{entry.path} {status.st_size} {status.st_mtime_ns}\0".encode())
    return known.hexdigest()
