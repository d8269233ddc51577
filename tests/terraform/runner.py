"""Run Terraform commands in one root module, and read what they say."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TIMEOUT_SECONDS = 300
SUCCESS, CHANGES = 0, 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one command did."""

    command: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Everything the command wrote, on both streams."""
        return self.stdout + self.stderr


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PlanResult(Result):
    """What a plan did, and where it was saved."""

    file: Path

    @property
    def has_changes(self) -> bool:
        """Would an apply change anything? Only a plan with `detailed` knows."""
        return self.returncode == CHANGES


class TerraformError(AssertionError):
    """A command ended in a way the test did not expect; its text is all that Terraform said."""

    def __init__(self, result: Result, expected: Sequence[int]) -> None:
        words = " or ".join(map(str, expected))
        super().__init__(
            f"{' '.join(result.command)} ended with {result.returncode}, not {words}:\n"
            f"{result.output.strip()}"
        )
        self.result = result


class Terraform:
    """One root module, one environment, and the commands that run there.

    Each command raises `TerraformError` unless it ends as it should; `expect` says which exit codes are
    fine, for tests of what must fail. `environment` is complete: nothing is taken from the process but what
    it says.
    """

    def __init__(self, program: Sequence[str], root: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self.environment = dict(environment)
        self._program = tuple(program)

    def acting(self, environment: Mapping[str, str]) -> Terraform:
        """Return the same root with other variables laid over the environment."""
        return Terraform(self._program, self.root, {**self.environment, **environment})

    def run(self, *arguments: str, expect: Sequence[int] = (SUCCESS,)) -> Result:
        """Run any command."""
        command = (*self._program, *arguments)
        finished = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        result = Result(
            command=command,
            returncode=finished.returncode,
            stdout=finished.stdout,
            stderr=finished.stderr,
        )
        if result.returncode not in expect:
            raise TerraformError(result, expect)
        return result

    def init(self, *arguments: str, expect: Sequence[int] = (SUCCESS,)) -> Result:
        """Install modules and providers."""
        return self.run("init", "-input=false", "-no-color", *arguments, expect=expect)

    def validate(self, *, expect: Sequence[int] = (SUCCESS,)) -> Result:
        """Check the configuration without AWS."""
        return self.run("validate", "-no-color", expect=expect)

    def plan(
        self,
        *arguments: str,
        detailed: bool = False,
        file: Path | None = None,
        expect: Sequence[int] | None = None,
    ) -> PlanResult:
        """Plan and save the plan, each in a file of its own unless `file` names one.

        With `detailed`, exit code 2 means that there are changes.
        """
        target = file or self._next_plan_file()
        words = ["plan", "-input=false", "-no-color", f"-out={target}"]
        if detailed:
            words.append("-detailed-exitcode")
        fine = expect or ((SUCCESS, CHANGES) if detailed else (SUCCESS,))
        result = self.run(*words, *arguments, expect=fine)
        return PlanResult(
            command=result.command,
            returncode=result.returncode,
            stdout=result.stdout,
            stderr=result.stderr,
            file=target,
        )

    def apply(
        self,
        *arguments: str,
        plan: PlanResult | None = None,
        expect: Sequence[int] = (SUCCESS,),
    ) -> Result:
        """Apply the configuration, or a saved plan. Terraform wants ephemeral variables again for a plan."""
        how = [*arguments, str(plan.file)] if plan else ["-auto-approve", *arguments]
        return self.run("apply", "-input=false", "-no-color", *how, expect=expect)

    def destroy(self, *arguments: str, expect: Sequence[int] = (SUCCESS,)) -> Result:
        """Destroy everything in the state."""
        return self.run(
            "destroy", "-input=false", "-no-color", "-auto-approve", *arguments, expect=expect
        )

    def show_json(self, plan: PlanResult | None = None) -> dict[str, object]:
        """Return a plan, or else the state, as `terraform show -json` prints it."""
        where = [str(plan.file)] if plan else []
        document: dict[str, object] = json.loads(self.run("show", "-json", *where).stdout)
        return document

    def output(self) -> dict[str, object]:
        """Return the values of the outputs."""
        outputs = json.loads(self.run("output", "-json", "-no-color").stdout)
        return {name: output["value"] for name, output in outputs.items()}

    def fmt_check(self, folder: Path | None = None) -> Result:
        """Fail with a diff unless every file below a folder is formatted."""
        return self.run(
            "fmt", "-check", "-diff", "-recursive", "-no-color", str(folder or self.root)
        )

    def test(self, *arguments: str, expect: Sequence[int] = (SUCCESS,)) -> Result:
        """Run the `.tftest.hcl` files of the root."""
        return self.run("test", "-no-color", *arguments, expect=expect)

    def _next_plan_file(self) -> Path:
        names = (self.root / f"plan-{number}.tfplan" for number in itertools.count(1))
        return next(name for name in names if not name.exists())


def base_environment(home: Path) -> dict[str, str]:
    """Return an environment in which Terraform sees nothing of the person who runs the tests."""
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "HOME": str(home),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
