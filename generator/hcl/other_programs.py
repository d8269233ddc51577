"""Files beside Terraform's from which other programs make infrastructure: named, since nobody reads them."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from generator.frozen_data import frozen
from generator.hcl.files import LARGEST_FILE
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.quotes import listed
from generator.model.span import first_line

_PLAN = "Read a plan or state of it (`--plan`, `--state`), which `terraform show -json` prints."
_LIVE = "Read what runs in AWS (`forebay snapshot`, then `--live`)."


@frozen
class OtherProgram:
    """A program whose files are not read: how they are called, and what to do in its place."""

    title: str
    names: re.Pattern[str]
    remedy: str
    is_certain: bool = True
    """Whether the name alone tells whose file it is."""
    is_code: bool = False
    """Whether its files are Terraform's own, and may call any module without saying what it makes."""


_PROGRAMS = (
    OtherProgram(
        title="Terragrunt",
        names=re.compile(r"terragrunt(?:\.stack)?\.hcl(?:\.json)?"),
        remedy=_PLAN,
    ),
    OtherProgram(
        title="Terraform Stacks",
        names=re.compile(r".*\.(?:tfstack|tfcomponent|tfdeploy)\.(?:hcl|json)"),
        remedy=_PLAN,
        is_code=True,
    ),
    OtherProgram(
        title="CDK for Terraform",
        names=re.compile(r"cdktf\.json"),
        remedy="Run `cdktf synth`, and read the folder that it writes (`cdktf.out`).",
    ),
    OtherProgram(title="Pulumi", names=re.compile(r"Pulumi\.ya?ml"), remedy=_LIVE),
    OtherProgram(
        title="CloudFormation",
        names=re.compile(r".*\.(?:ya?ml|json|template)"),
        remedy=_LIVE,
        is_certain=False,
    ),
)
_TEMPLATE = re.compile(
    rb"AWS::ECR::(?:PullThroughCacheRule|RegistryPolicy|RepositoryCreationTemplate)"
)
_ABOUT_CACHES = re.compile(
    rb"ecr|pull[-_ ]?through|registry[-_]policy|creation[-_]template", re.IGNORECASE
)


def program_of(name: str) -> OtherProgram | None:
    """The program that a file of this name certainly belongs to."""
    for program in _PROGRAMS:
        if program.is_certain and program.names.fullmatch(name):
            return program
    return None


def may_be_of_another(name: str) -> bool:
    """Whether a file of this name is of interest here."""
    return any(program.names.fullmatch(name) for program in _PROGRAMS)


def not_read(
    files: Sequence[Path], project_root: Path, *, is_empty: bool, is_synthesised: bool
) -> Iterator[Finding]:
    """One result for each program that stands where code is expected.

    Where code was read as well, only what is about registries counts.
    """
    places: dict[str, list[Path]] = {}
    for file in files:
        program = program_of(file.name)
        if program is None:
            if _matches(file, _TEMPLATE):
                places.setdefault("CloudFormation", []).append(file)
        elif program.title == "CDK for Terraform" and is_synthesised:
            continue
        elif is_empty or program.is_code or _is_about_caches(file, program):
            places.setdefault(program.title, []).append(file)
    for program in _PROGRAMS:
        if found := places.get(program.title):
            names = [_path(file, project_root) for file in found]
            yield Finding(
                kind=FindingKind.UNDECIDED,
                rule="unread-code",
                severity=Severity.MEDIUM,
                title=f"Files of {program.title} were not read",
                message=(
                    f"{program.title} makes infrastructure from {listed(names)}, and nothing of it "
                    f"was looked at. {program.remedy}"
                ),
                subject=program.title,
                location=first_line(found[0]),
            )


def _is_about_caches(file: Path, program: OtherProgram) -> bool:
    if program.title in {"Pulumi", "CDK for Terraform"}:
        # What it makes stands in the programs beside it.
        try:
            beside = [path for path in file.parent.iterdir() if path.suffix in _PROGRAM_TEXTS]
        except OSError:
            return True
        return any(_matches(path, _ABOUT_CACHES) for path in (file, *beside))
    return _matches(file, _ABOUT_CACHES)


_PROGRAM_TEXTS = frozenset({".cs", ".go", ".java", ".js", ".py", ".ts", ".yaml", ".yml"})


def _matches(file: Path, pattern: re.Pattern[bytes]) -> bool:
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > LARGEST_FILE:
            return False
        return pattern.search(file.read_bytes()) is not None
    except OSError:
        return False


def _path(file: Path, project_root: Path) -> str:
    return (
        file.relative_to(project_root) if file.is_relative_to(project_root) else file
    ).as_posix()
