"""`forebay init`: a first topology to begin with."""

import shlex
from pathlib import Path

import click

from generator.cli.completion import complete_example
from generator.cli.invocation import DEFAULT_TOPOLOGY
from generator.cli.options import report_options, topology_option
from generator.model.errors import ToolError
from generator.report import Format
from generator.report.report import Report


@click.command()
@topology_option
@click.option(
    "--example",
    metavar="NAME",
    shell_complete=complete_example,
    help="Write this example instead; `list` prints their names.",
)
@report_options("file", formats=(Format.HUMAN, Format.JSON))
def init(topology: Path, example: str | None) -> Report:
    """Write a first topology, with comments; a file that is there is never touched."""
    if example == "list":
        return _list()
    files = {topology: _first()} if example is None else _example(example, topology)
    _write(files, topology)
    option = "" if topology == DEFAULT_TOPOLOGY else f" -t {shlex.quote(str(topology))}"
    then = "Put your accounts and upstreams into it, then:" if example is None else "See it work:"
    return Report(
        command="init",
        findings=(),
        text="".join(f"created   {file}\n" for file in files)
        + (
            f"{then}\n"
            f"  forebay validate{option}\n"
            f"  forebay show{option}\n"
            f"  forebay generate{option}"
        ),
        extra={
            "file": topology.as_posix(),
            "files": tuple(file.as_posix() for file in files),
        },
    )


def _list() -> Report:
    from generator.data.resources import example_names, example_title
    from generator.report.table import table

    titles = [(name, example_title(name)) for name in example_names()]
    return Report(
        command="init",
        findings=(),
        text=table("Examples", ("name", "what it shows"), titles),
        extra={"examples": tuple({"name": name, "title": title} for name, title in titles)},
        text_alone=True,
    )


def _first() -> bytes:
    from generator.data import resources

    text = resources.template("init/topology.yaml")
    assert text is not None  # noqa: S101 - it ships with the package
    return text.encode()


def _example(name: str, topology: Path) -> dict[Path, bytes]:
    """The files of an example, its topology under the name that was given."""
    from generator.data.resources import example_files, example_names
    from generator.model.quotes import did_you_mean, listed, quoted

    names = example_names()
    if name not in names:
        raise click.UsageError(
            f"{quoted(name)} is not an example.{did_you_mean(name, names)} There are {listed(names)}."
        )
    return {
        topology if path == DEFAULT_TOPOLOGY.name else topology.parent / path: content
        for path, content in example_files(name).items()
    }


def _write(files: dict[Path, bytes], topology: Path) -> None:
    """Write all of the files, or none."""
    from generator.disk.writing import create_file

    there = [file for file in files if file != topology and (file.exists() or file.is_symlink())]
    if there:
        raise ToolError(
            "a file of the example is there already",
            f"`{there[0]}` is there, and `init` overwrites nothing. Write the example into a folder of "
            "its own.",
            place=there[0],
        )
    made: list[Path] = []
    try:
        for file, content in files.items():
            made += _make_folders(file.parent) if file != topology else []
            create_file(file, content)
            made.append(file)
    except FileExistsError as error:
        _take_back(made)
        raise ToolError(
            "there is a topology already",
            f"`{topology}` is there, and `init` overwrites nothing. Edit that one, or name another "
            "file:",
            commands=(shlex.join(["forebay", "init", "--topology", str(_another(topology))]),),
            place=topology,
        ) from error
    except FileNotFoundError as error:
        _take_back(made)
        raise ToolError(
            "there is no folder for the topology",
            f"`{topology.parent}` does not exist. Make it, or name a file elsewhere.",
        ) from error
    except OSError as error:
        _take_back(made)
        raise ToolError(
            "the topology cannot be written", f"`{topology}`: {error.strerror}.", place=topology
        ) from error
    except BaseException:
        _take_back(made)
        raise


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; the ones that were not there, outermost first."""
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir()
    return missing[::-1]


def _take_back(made: list[Path]) -> None:
    """Remove what was written before something failed."""
    for path in reversed(made):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()


def _another(topology: Path) -> Path:
    """A name beside the topology that is free."""
    numbers = range(2, 1000)
    names = (topology.with_name(f"{topology.stem}-{number}{topology.suffix}") for number in numbers)
    return next((path for path in names if not path.exists()), topology)
