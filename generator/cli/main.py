"""The `forebay` command: its commands, its one error handler, its exit codes."""

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

import click

from generator.cli.invocation import Invocation, Terminal
from generator.garbage import collect_rarely
from generator.model.errors import ExitCode, ToolError
from generator.report import Format

COMMANDS = {
    "init": "Write a first topology, with comments.",
    "validate": "Is the topology right?",
    "show": "What does the topology mean: registries, rules, grants, pull URIs, roots.",
    "schema": "Print the JSON Schema of the topology.",
    "generate": "Write the Terraform.",
    "snapshot": "Read what runs in AWS into one file.",
    "drift": "Does the code say what the topology says?",
    "check": "Prove that the policies grant exactly what the topology grants.",
    "replay": "Decide one request, step by step.",
    "can": "May this consumer pull this image, and why?",
    "import": "Write a topology from the code that is there.",
    "rules": "What do the rules mean?",
    "explain": "What does a word mean: rule, key, level, upstream, exit code?",
    "uri": "Print what images are called in the cache.",
    "plan": "What do many Terraform plans change, and which pulls do they stop?",
    "doctor": "Why does a pull fail?",
    "export": "Print names of images for those who pull: Kyverno, containerd, Helm, Renovate.",
    "policies": "Print IAM policies for the roles that apply the code, or read.",
    "completion": "Print what a shell needs to complete forebay's words.",
}
"""The commands in the order in which they are used, with the line that `--help` shows."""

_TEXTS = frozenset({"--var", "--explain"})
"""The options whose values may have several lines."""


_WRITING = frozenset({"init", "generate", "import", "export", "snapshot", "policies"})
"""The commands that do something, rather than decide something."""


_OTHERS = {
    "apply": " forebay writes the code; `terraform -chdir=terraform/ROOT apply` applies it, root by root.",
    "help": " `forebay --help` lists the commands, and `forebay COMMAND --help` explains one.",
    "destroy": " Take it out of the topology and run `forebay generate --prune`, then apply.",
}
"""What people try that is no command, and what they need."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, not to list them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands' names in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command of that name."""
        match cmd_name:
            case "init":
                from generator.cli.init import init

                return init
            case "completion":
                from generator.cli.completion import completion

                return completion
            case "validate":
                from generator.cli.validate import validate

                return validate
            case "show":
                from generator.cli.show import show

                return show
            case "schema":
                from generator.cli.schema import schema

                return schema
            case "generate":
                from generator.cli.generate import generate

                return generate
            case "snapshot":
                from generator.cli.snapshot import snapshot

                return snapshot
            case "drift":
                from generator.cli.drift import drift

                return drift
            case "check":
                from generator.cli.check import check

                return check
            case "replay":
                from generator.cli.replay import replay

                return replay
            case "can":
                from generator.cli.can import can

                return can
            case "import":
                from generator.cli.import_ import import_

                return import_
            case "rules":
                from generator.cli.rules import rules

                return rules
            case "explain":
                from generator.cli.explain import explain

                return explain
            case "policies":
                from generator.cli.policies import policies

                return policies
            case "uri":
                from generator.cli.uri import uri

                return uri
            case "plan":
                from generator.cli.plan import plan

                return plan
            case "doctor":
                from generator.cli.doctor import doctor

                return doctor
            case "export":
                from generator.cli.export import export

                return export
            case _:
                return None

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> "list[click.shell_completion.CompletionItem]":
        """The commands that begin like the word, without importing them, and the options."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=text)
            for name, text in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was called; for a misspelled one, name the likely one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from generator.model.quotes import did_you_mean

            hint = _OTHERS.get(name) or did_you_mean(name, COMMANDS)
            ctx.fail(f"No such command '{name}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _show_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001
    if value:
        from generator.cli.delivery import write_out
        from generator.version import version

        write_out(f"forebay {version()}\n")
        context.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def forebay() -> None:
    """Amazon ECR pull-through caches across accounts, from one topology file.

    Exit codes: 0 nothing to report, 1 could not do it, 2 findings, drift or files that would
    change, 3 something could not be decided, 130 interrupted.
    """


def main() -> None:
    """Run the command line and exit."""
    # Python has no stream where the caller closed it; without one, the first file that is opened
    # would take its number and get what is printed.
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        # File names and source lines may hold what the terminal's encoding cannot.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    collect_rarely()
    _leave(run(sys.argv[1:]))


def _leave(code: int) -> NoReturn:
    """Exit, and let the system take back the memory at once.

    Python would first free object by object, which is up to a fifth of a run. It does so where a
    profiler waits for the end, or where what was printed cannot be flushed.
    """
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
        if sys.getprofile() is None and sys.gettrace() is None:
            os._exit(code)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; whatever goes wrong becomes words and a code."""
    try:
        invocation = Invocation(base=Path.cwd())
    except OSError:
        _complain(ToolError("the working folder cannot be read", "Change to another folder."))
        return ExitCode.ERROR
    outcome = _guarded(lambda: _execute(arguments, invocation), arguments)
    if not isinstance(outcome, ToolError):
        return outcome
    error = outcome
    _complain(error)
    failure = _guarded(lambda: _report_error(error, invocation), arguments)
    if isinstance(failure, ToolError):
        _complain(failure)
    return error.exit_code


def _execute(arguments: Sequence[str], invocation: Invocation) -> int:
    try:
        _refuse_line_breaks(arguments)
        result: object = _watched(arguments, invocation)
    except click.ClickException as usage:
        from io import StringIO

        from generator.report.words import stream_text

        said = StringIO()
        usage.show(file=said)
        if "unexpected extra argument" in usage.message and any(
            argument.endswith((".yaml", ".yml")) for argument in arguments
        ):
            said.write("Name a topology with `--topology FILE`.\n")
        if "No such option '--code'" in usage.message and "generate" in arguments:
            said.write("`generate` writes the code: name the folder for it with `--out FOLDER`.\n")
        with contextlib.suppress(OSError):
            sys.stderr.write(stream_text(said.getvalue()))
            sys.stderr.flush()
        return ExitCode.ERROR
    if result is None or isinstance(result, int):
        # The text of `--help`, which needs no report, is shown.
        return ExitCode.OK
    from generator.cli.delivery import deliver
    from generator.report.report import Report

    if isinstance(result, Report):
        return deliver(result, invocation, _terminal())
    return ExitCode.OK


def _watched(arguments: Sequence[str], invocation: Invocation) -> object:
    """What the command returns; its progress is shown no longer when the rest is said."""
    try:
        return _in_time(arguments, invocation)
    finally:
        if invocation.progress is not None:
            invocation.progress.stop()


def _in_time(arguments: Sequence[str], invocation: Invocation) -> object:
    """What the command returns, or the report that its time was up."""
    from generator.cli.time_limit import OutOfTime, out_of_time, stopped_afterwards

    try:
        with stopped_afterwards():
            return forebay.main(
                args=list(arguments), prog_name="forebay", standalone_mode=False, obj=invocation
            )
    except OutOfTime:
        seconds = invocation.timeout or 0
        if invocation.command in _WRITING:
            raise ToolError(
                "the time was up",
                f"`--timeout` lets the run take {seconds:g} seconds, and that was not enough. Every "
                "file is either as it was or as it should be; run the command again with more.",
            ) from None
        from generator.report.report import Report

        return Report(command=invocation.command, findings=(out_of_time(seconds),))


def _refuse_line_breaks(arguments: Sequence[str]) -> None:
    """Raise `click.UsageError` for a name with a line break: what stands behind it would look like our words."""
    from generator.model.quotes import quoted

    for option, argument in pairwise(("", *arguments)):
        is_text = option in _TEXTS or argument.partition("=")[0] in _TEXTS
        if "\n" in argument and not is_text:
            raise click.UsageError(f"{quoted(argument)} holds a line break, and no name does.")


def _complain(error: ToolError) -> None:
    from generator.cli.delivery import complain

    complain(error)


def _guarded(work: Callable[[], int], arguments: Sequence[str]) -> int | ToolError:
    """Do the work; what keeps it from being done comes back as an error with words."""
    try:
        return work()
    except (click.Abort, KeyboardInterrupt):
        return InterruptedByUserError()
    except ToolError as error:
        return error
    except OSError as error:
        return _file_error(error)
    except Exception as bug:  # noqa: BLE001 - the one place that turns a bug into words
        if os.environ.get("FOREBAY_DEBUG"):
            import traceback

            traceback.print_exc()
        return _bug(bug, arguments)


class InterruptedByUserError(ToolError):
    """The user pressed Ctrl-C."""

    exit_code = ExitCode.INTERRUPTED

    def __init__(self) -> None:
        super().__init__("interrupted")


def _file_error(error: OSError) -> ToolError:
    name = f"`{error.filename}`: " if error.filename else ""
    return ToolError(
        "a file cannot be read or written",
        f"{name}{error.strerror or error}.",
        place=Path(error.filename) if isinstance(error.filename, str) else None,
    )


def _bug(bug: Exception, arguments: Sequence[str]) -> ToolError:
    import shlex

    return ToolError(
        "this is a bug in forebay",
        f"{type(bug).__name__}: {bug}\n"
        "Please report it together with the traceback that this command prints:",
        commands=(f"FOREBAY_DEBUG=1 forebay {shlex.join(arguments)}",),
    )


def _report_error(error: ToolError, invocation: Invocation) -> int:
    """Put an error into the reports as well, where their formats are known; people read stderr."""
    if invocation.command:
        from generator.cli.delivery import deliver, error_finding
        from generator.report.report import Report

        report = Report(
            command=invocation.command, findings=(error_finding(error),), stopped=error.exit_code
        )
        on_stdout = invocation.format is not Format.HUMAN
        deliver(report, invocation, _terminal(), on_stdout=on_stdout)
    return error.exit_code


def _terminal() -> Terminal:
    """Colours as the environment and the terminal have them: https://no-color.org."""
    environment = os.environ
    if environment.get("NO_COLOR"):
        colour = False
    elif environment.get("FORCE_COLOR"):
        colour = True
    else:
        colour = sys.stdout.isatty() and environment.get("TERM") != "dumb"
    if not sys.stdout.isatty():
        return Terminal(colour=colour)
    import shutil

    columns = shutil.get_terminal_size((100, 24)).columns
    return Terminal(colour=colour, width=max(40, min(columns, 120)))
