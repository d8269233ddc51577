"""Find the templates and modules that ship with the package."""

from functools import cache
from pathlib import Path


@cache
def _folder(name: str) -> Path:
    """The packaged folder, or the one of the checkout when the package runs from one."""
    packaged = Path(__file__).parents[1] / "_data" / name
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / name


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


def modules_folder() -> Path:
    """The folder with all of our own modules."""
    return _folder("modules")


def module_folder(name: str) -> Path | None:
    """The packaged folder of one of our own modules; `None` when there is no module of that name."""
    folder = _folder("modules") / name
    is_module = name.isascii() and name.replace("-", "").isalnum() and folder.is_dir()
    return folder if is_module else None


def stand_in_folder(name: str) -> Path:
    """The packaged folder with code of ours that means what a public module means."""
    return Path(__file__).parent / "public_modules" / name
