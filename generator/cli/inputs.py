"""What commands were given, and the readings of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from generator.cli.invocation import invocation_of, once_in_run
from generator.cli.live_options import LiveInput
from generator.cli.written_code import expected_code, generate_command, what_became_of_it
from generator.frozen_data import frozen
from generator.model.errors import ToolError
from generator.model.reading import Reading, Source
from generator.model.topology import Topology

if TYPE_CHECKING:
    from generator.hcl import ReadingSettings
    from generator.model.values import Region
    from generator.policy_files.policy_files import PolicyFile
    from generator.state import StateFile

STDIN = Path("<stdin>")
"""How a plan or state is named that comes from standard input (`-`)."""


@frozen
class Inputs:
    """What `drift` and `check` judge: code, plans, states, policies, in any combination.

    Code is judged when it was named, or when nothing else was. `topology` is `None` when none is asked
    for. `seen` takes every reading that is judged, for what is asked of it afterwards.
    """

    topology: Path | None
    code: Path | None
    root: Path | None
    plans: tuple[Path, ...]
    states: tuple[Path, ...]
    policies: tuple["PolicyFile", ...] = ()
    ignore_file: Path | None = None
    baseline: Path | None = None
    write_baseline: Path | None = None
    live: LiveInput | None = None
    seen: "list[Reading]" = field(default_factory=list)

    @property
    def is_code_alone(self) -> bool:
        """Whether nothing but code is judged."""
        return not (self.plans or self.states or self.policies or self.live)


def readings(topology: Topology | None, inputs: Inputs) -> Iterator[Reading]:
    """What was named, code first, so that it can say what a plan or state leaves open."""
    if inputs.policies:
        from generator.policy_files.policy_files import read_policy_files

        yield read_policy_files(inputs.policies)
        if inputs.code is None and not (inputs.plans or inputs.states or inputs.live):
            return
    given = [*state_files(inputs.plans), *state_files(inputs.states)]
    code: Reading | None = None
    if inputs.code is not None or not (given or inputs.live):
        from generator.disk.project import project_root
        from generator.hcl import read_code

        folder = code_folder(inputs.code, inputs.topology)
        expected = None if topology is None else expected_code(topology, folder)
        code = read_code(
            folder,
            project_root=project_root(folder, inputs.root),
            topology=topology,
            cache_folder=cache_folder(),
            settings=reading_settings(),
            workers=processors(),
            expected=expected,
        )
        if topology is not None:
            assert inputs.topology is not None  # noqa: S101 - it was read from there
            command = generate_command(inputs.code, inputs.topology)
            told = cache(
                partial(what_became_of_it, topology, folder, command, expected, code.untouched)
            )
            code = replace(code, generated=told)
        yield code
    if given:
        yield from _of_state_files(inputs, given, code)
    if inputs.live is not None:
        from generator.cli.asking import live_reading
        from generator.estate.code_places import placed

        reading = live_reading(topology, inputs.live)
        yield reading if code is None else placed(reading, code)


def _of_state_files(
    inputs: Inputs, given: "Sequence[StateFile]", code: Reading | None
) -> Iterator[Reading]:
    """All plans together and all states together, with what the code says of open values."""
    from generator.estate.plan_from_code import filled
    from generator.state import read_state_files

    for source, files in (
        (Source.PLAN, given[: len(inputs.plans)]),
        (Source.STATE, given[len(inputs.plans) :]),
    ):
        if files:
            reading = read_state_files(files, source)
            yield reading if code is None else filled(reading, code)


def state_files(files: tuple[Path, ...]) -> "Iterator[StateFile]":
    """Open files with plans or states, standard input among them; raises `ToolError`."""
    from generator.disk.places import leads_out
    from generator.disk.reading import read_file
    from generator.state import StateFile
    from generator.state.document import MOST_BYTES

    for file in files:
        if file == STDIN:
            yield StateFile(file=file, content=_from_stdin(MOST_BYTES + 1))
        elif file.is_dir():
            raise ToolError(
                "a plan or state cannot be read",
                f"`{file}` is a folder; name the file in it.",
                place=file,
            )
        elif leads_out(file):
            raise ToolError(
                "a plan or state cannot be read",
                f"`{file}` is, or lies below, a link that leads out of the project. Name the file "
                "that it leads to.",
                place=file,
            )
        else:
            content = read_file(file, limit=MOST_BYTES, may_be_stream=True)
            yield StateFile(file=file, content=content)


def _from_stdin(most: int) -> bytes:
    """What standard input holds, which can be read once."""
    import sys

    return once_in_run("stdin", lambda: sys.stdin.buffer.read(most))


def reading_settings() -> "ReadingSettings":
    """How the command that runs was told to read code."""
    from generator.hcl import Engine, ReadingSettings

    invocation = invocation_of()
    return ReadingSettings(
        engine=Engine(invocation.engine or Engine.TERRAFORM),
        is_engine_chosen=bool(invocation.engine),
        workspace=invocation.workspace,
        variable_files=invocation.variable_files,
        variables=invocation.variables,
        regions=_regions(invocation.regions),
    )


def are_reading_options_given() -> bool:
    """Whether the command that runs was told anything about how to read code."""
    invocation = invocation_of()
    return any(
        (
            invocation.engine,
            invocation.workspace,
            invocation.variable_files,
            invocation.variables,
            invocation.regions,
        )
    )


def _regions(given: Iterable[str]) -> "Mapping[str, Region]":
    """The regions by folder, and under `""` the one for all that do not say it."""
    from generator.model.errors import InvalidValueError
    from generator.model.values import Region

    regions: dict[str, Region] = {}
    for text in given:
        folder, equals, name = text.rpartition("=")
        try:
            region = Region.parse(name)
        except InvalidValueError as error:
            raise ToolError(
                "a region is not one",
                f"`--region {text}`: {error}. For code it takes REGION, or FOLDER=REGION.",
            ) from error
        regions[Path(folder or ".").as_posix() if equals else ""] = region
    return regions


def processors() -> int:
    """How many processors this process may use."""
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cache_folder() -> Path | None:
    """Where parts that are slow to build are kept between runs; `None` without a home folder."""
    import os

    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    if named and Path(named).is_absolute():
        return Path(named) / "forebay"
    try:
        return Path.home() / ".cache" / "forebay"
    except RuntimeError:
        return None


def code_folder(code: Path | None, topology: Path | None) -> Path:
    """The folder with the code: the one that was named, else where `generate` writes."""
    if topology is None:
        folder = Path() if code is None else code
    else:
        folder = topology.parent / "terraform" if code is None else code
    if not folder.is_dir():
        problem = "there is no code to read"
        if folder.exists() or topology is None:
            raise ToolError(
                problem,
                f"`{folder}` is not a folder. Name the one with the code.",
                place=folder,
            )
        raise ToolError(
            problem,
            f"There is no folder `{folder}`. Name it with `--code`, or write the code first:",
            commands=(generate_command(code, topology),),
        )
    return folder
