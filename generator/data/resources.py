"""Find the templates, modules, examples and pages that ship with the package."""

from functools import cache
from pathlib import Path

_IN_CHECKOUT = {"upstreams": "docs/reference/upstreams"}
"""Where a folder of the package lies in a checkout, unless its name says so."""


@cache
def _folder(name: str) -> Path:
    """The packaged folder, or the one of the checkout when the package runs from one."""
    packaged = Path(__file__).parents[1] / "_data" / name
    return (
        packaged if packaged.is_dir() else Path(__file__).parents[2] / _IN_CHECKOUT.get(name, name)
    )


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


def example_names() -> tuple[str, ...]:
    """The examples that `init` can write: the folders with a topology."""
    return tuple(sorted(file.parent.name for file in _folder("examples").glob("*/topology.yaml")))


def example_title(name: str) -> str:
    """What an example shows, in the words of its page's heading."""
    page = (_folder("examples") / name / "README.md").read_text(encoding="utf-8")
    return page.splitlines()[0].removeprefix("# ")


def example_files(name: str) -> dict[str, bytes]:
    """The files that a person writes for an example, by path: its topology and what that names."""
    folder = _folder("examples") / name
    files = (file.relative_to(folder) for file in sorted(folder.rglob("*")) if file.is_file())
    return {
        file.as_posix(): (folder / file).read_bytes()
        for file in files
        if file.name != "README.md" and file.parts[0] != "terraform"
    }


def upstream_page(name: str) -> str | None:
    """The page about an upstream registry, as Markdown; `None` when there is none."""
    file = _folder("upstreams") / f"{name}.md"
    return file.read_text(encoding="utf-8") if file.is_file() else None
