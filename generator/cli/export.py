"""`forebay export`: names of images for those who pull, in the words of the programs they use."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.choices import OneOf
from generator.cli.completion import complete_registry
from generator.cli.options import PathType, report_options, topology_option
from generator.report import Format
from generator.report.report import Plain, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.export.rewrites import RegistryRewrites
    from generator.export.unsaid import Unsaid
    from generator.model.finding import Finding
    from generator.model.topology import Topology

FORMATS = {
    "json": "a rewrite map for programs",
    "markdown": "a page for developers",
    "kyverno": "a policy that renames the images of Pods",
    "renovate": "where Renovate looks for new tags",
    "containerd": "mirrors for nodes, as a folder",
    "helm": "values for charts, as a folder",
}
_OF_ONE_REGISTRY = {"kyverno", "containerd", "helm"}
_FOLDERS = {"containerd": "*/hosts.toml", "helm": "values-*.yaml"}


@click.command()
@click.argument("what", metavar="FORMAT", type=OneOf(list(FORMATS)))
@topology_option
@click.option(
    "--registry",
    metavar="ACCOUNT/REGION",
    shell_complete=complete_registry,
    help="The registry that is pulled from; the others are left out.",
)
@click.option(
    "--out",
    type=PathType(),
    help="The folder that containerd's and Helm's files are written to.",
)
@report_options("export", "files", formats=(Format.HUMAN, Format.JSON))
def export(what: str, topology: Path, registry: str | None, out: Path | None) -> Report:
    """Print how those who pull name the images of the caches.

    \b
    FORMAT is one of
      json        a rewrite map for programs
      markdown    a page for developers: log in, names, what fails and why
      kyverno     a policy that renames the images of Pods
      renovate    where Renovate looks for new tags
      containerd  mirrors for nodes: a folder of hosts.toml
      helm        values for charts: a folder with a file for each upstream

    What a format has no words for is said on stderr, and the exit code is 2.
    """
    from generator.cli.topology_file import sound_topology

    if (what in _FOLDERS) != (out is not None):
        needed = f"`{what}` is several files: name a folder with --out."
        unused = f"`{what}` is printed: --out is for {' and '.join(sorted(_FOLDERS))}."
        raise click.UsageError(needed if out is None else unused)
    read, mistakes = sound_topology(topology)
    if read is None:
        return Report.mistakes("export", mistakes, aside=True)
    from generator.export.rewrites import chosen_rewrites

    registries = chosen_rewrites(
        read, registry=registry, only_one_for=what if what in _OF_ONE_REGISTRY else None
    )
    if out is not None:
        return _folder(what, registries[0], out)
    text, unsaid = _text(read, what, registries)
    return Report(
        command="export",
        findings=_findings(what, registries, unsaid),
        text=text,
        extra={"export": text},
        text_alone=True,
    )


def _text(
    topology: "Topology", what: str, registries: "Sequence[RegistryRewrites]"
) -> "tuple[str, tuple[Unsaid, ...]]":
    match what:
        case "json":
            from generator.export.rewrite_map import rewrite_map

            return rewrite_map(registries), ()
        case "markdown":
            from generator.export.page import page

            return page(topology, registries), ()
        case "renovate":
            from generator.export.renovate import renovate

            return renovate(registries)
        case _:
            from generator.export.kyverno import kyverno

            return kyverno(registries[0]), ()


def _folder(what: str, registry: "RegistryRewrites", out: Path) -> Report:
    from generator.export.folder import write_folder
    from generator.export.mirrors import containerd, helm

    files, unsaid = (containerd if what == "containerd" else helm)(registry)
    written = write_folder(out, files, command=f"forebay export {what}", pattern=_FOLDERS[what])
    rows: tuple[Plain, ...] = tuple({"path": file.path, "action": file.action} for file in written)
    left_over = [file.path for file in written if file.action == "left over"]
    return Report(
        command="export",
        findings=(*_findings(what, (registry,), unsaid), *_left_over(left_over, out)),
        text="\n".join(f"{file.action:<10}{out / file.path}" for file in written),
        extra={"files": rows},
    )


def _left_over(paths: "Sequence[str]", out: Path) -> "tuple[Finding, ...]":
    from generator.model.finding import Finding, FindingKind, Severity

    return tuple(
        Finding(
            kind=FindingKind.FINDING,
            rule="left-over",
            severity=Severity.MEDIUM,
            title=f"`{path}` is left over",
            message=f"An earlier export wrote `{out / path}`, and what it says no longer holds: "
            "delete it, where it is in use as well.",
            subject=path,
        )
        for path in paths
    )


def _findings(
    what: str, registries: "Sequence[RegistryRewrites]", unsaid: "Sequence[Unsaid]"
) -> "tuple[Finding, ...]":
    from generator.model.finding import Finding, FindingKind, Severity

    errors = tuple(
        Finding(
            kind=FindingKind.FINDING,
            rule="not-exported",
            severity=Severity.HIGH,
            title=one.title,
            message=one.reason,
            subject=f"{what} {one.subject}",
        )
        for one in unsaid
    )
    # The formats of whole upstreams have said it as what they leave out.
    told = () if what in _FOLDERS or what == "renovate" else registries
    return (
        *errors,
        *(
            Finding(
                kind=FindingKind.FINDING,
                rule="no-cached-name",
                severity=Severity.INFO,
                title=f"images under `{kept.source}` keep their names in {registry.name}",
                message=kept.reason,
                subject=f"{registry.name} {kept.source}",
            )
            for registry in told
            for kept in registry.kept
        ),
    )
