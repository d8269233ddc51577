"""`forebay init`: a first topology to begin with."""

import shlex
from pathlib import Path

import click

from generator.cli.options import report_options, topology_option
from generator.model.errors import ToolError
from generator.report import Format
from generator.report.report import Report


@click.command()
@topology_option
@report_options("file", formats=(Format.HUMAN, Format.JSON))
def init(topology: Path) -> Report:
    """Write a first topology, with comments; a file that is there is never touched."""
    from generator.data import resources
    from generator.disk.writing import create_file

    text = resources.template("init/topology.yaml")
    assert text is not None  # noqa: S101 - it ships with the package
    try:
        create_file(topology, text.encode())
    except FileExistsError as error:
        raise ToolError(
            "there is a topology already",
            f"`{topology}` is there, and `init` overwrites nothing. Edit that one, or name another "
            "file:",
            commands=(shlex.join(["forebay", "init", "--topology", str(_another(topology))]),),
        ) from error
    except FileNotFoundError as error:
        raise ToolError(
            "there is no folder for the topology",
            f"`{topology.parent}` does not exist. Make it, or name a file elsewhere.",
        ) from error
    except OSError as error:
        raise ToolError(
            "the topology cannot be written", f"`{topology}`: {error.strerror}."
        ) from error
    option = "" if topology == Path("topology.yaml") else f" -t {shlex.quote(str(topology))}"
    return Report(
        command="init",
        findings=(),
        text=(
            f"created   {topology}\n"
            "Put your accounts and upstreams into it, then:\n"
            f"  forebay validate{option}\n"
            f"  forebay show{option}\n"
            f"  forebay generate{option}"
        ),
        extra={"file": topology.as_posix()},
    )


def _another(topology: Path) -> Path:
    """A name beside the topology that is free."""
    numbers = range(2, 1000)
    names = (topology.with_name(f"{topology.stem}-{number}{topology.suffix}") for number in numbers)
    return next((path for path in names if not path.exists()), topology)
