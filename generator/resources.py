"""Find the templates and modules that ship with the package."""

from functools import cache
from pathlib import Path


@cache
def _folder(name: str) -> Path:
    """The packaged folder, or the one of the checkout when the package runs from one."""
    packaged = Path(__file__).parent / "_data" / name
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / name


def template(path: str) -> str | None:
    """The source of a template by its path below `templates/`; `None` when there is none."""
    file = _folder("templates") / path
    return file.read_text(encoding="utf-8") if file.is_file() else None


def module_files(name: str) -> dict[str, str]:
    """The files of a module that its callers need, by name: no tests, examples or manuals."""
    folder = _folder("modules") / name
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(folder.iterdir())
        if file.is_file() and file.suffix == ".tf"
    }
