"""`forebay uri`: the cached name of an image."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.completion import complete_registry
from generator.cli.options import report_options, topology_option
from generator.report import Format
from generator.report.report import Plain, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.export.images import CachedImage, RegistryName
    from generator.model.finding import Finding
    from generator.model.topology import Topology


@click.command()
@click.argument("images", nargs=-1, metavar="[IMAGE]...")
@topology_option
@click.option(
    "--registry",
    metavar="ACCOUNT/REGION",
    shell_complete=complete_registry,
    help="The registry that is pulled from; needed where several cache the image.",
)
@report_options("images", formats=(Format.HUMAN, Format.JSON))
def uri(images: tuple[str, ...], topology: Path, registry: str | None) -> Report:
    """Print what images are called in the cache.

    IMAGE is a name as people write it: `nginx:1.27`, `quay.io/prometheus/prometheus`, a digest as
    well. Without one, or with `-`, names are read from stdin, one a line, and each line is answered
    by one line: an empty one where there is no cached name. Why not is said on stderr.
    """
    from generator.cli.topology_file import sound_topology

    read, mistakes = sound_topology(topology)
    if read is None:
        return Report.mistakes("uri", mistakes, aside=True)
    from generator.export.images import registry_named

    chosen = registry_named(read, registry) if registry is not None else None
    return _report(read, _names(images), chosen)


def _names(images: "Sequence[str]") -> list[str]:
    if images and images != ("-",):
        return list(images)
    if sys.stdin is None or (not images and sys.stdin.isatty()):
        raise click.UsageError("Name an image, or give names on stdin, one a line.")
    try:
        return [line.strip() for line in sys.stdin.read().splitlines()]
    except UnicodeDecodeError as error:
        from generator.model.errors import ToolError

        raise ToolError("the names of images cannot be read", "Stdin is not UTF-8 text.") from error


def _report(
    topology: "Topology", names: "Sequence[str]", registry: "RegistryName | None"
) -> Report:
    from generator.export.images import NotCached, cached_image, parse_image
    from generator.model.errors import InvalidValueError
    from generator.model.finding import Finding, FindingKind, Severity

    lines: list[str] = []
    rows: list[Plain] = []
    findings: list[Finding] = []
    by_digest = 0
    for number, name in enumerate(names, 1):
        if not name:
            lines.append("")
            continue
        reason, found = "", None
        try:
            image = parse_image(name)
            answer = cached_image(topology, image, registry=registry)
        except InvalidValueError as error:
            reason = str(error)
        else:
            if isinstance(answer, NotCached):
                reason = answer.reason
            else:
                found = answer
                by_digest += image.has_digest
        if reason:
            findings.append(
                Finding(
                    kind=FindingKind.FINDING,
                    rule="no-cached-name",
                    severity=Severity.HIGH,
                    title=f"`{name}` has no cached name",
                    message=reason,
                    subject=f"{number} {name}",
                )
            )
        lines.append("" if found is None else found.uri)
        rows.append(_row(name, found, reason))
    if by_digest:
        findings.append(_about_digests(by_digest))
    return Report(
        command="uri",
        findings=tuple(findings),
        text="".join(f"{line}\n" for line in lines),
        extra={"images": tuple(rows)},
        text_alone=True,
    )


def _about_digests(number: int) -> "Finding":
    from generator.model.finding import Finding, FindingKind, Severity

    named = "one image is" if number == 1 else f"{number} images are"
    return Finding(
        kind=FindingKind.FINDING,
        rule="first-pull-by-digest",
        severity=Severity.INFO,
        title=f"{named} named by digest",
        message="Users report that the first pull by a digest finds nothing, also with a tag beside "
        "it (aws/containers-roadmap#2837); AWS does not document it. Pull the tag once before.",
        subject="digest",
    )


def _row(name: str, found: "CachedImage | None", reason: str) -> dict[str, Plain]:
    return {
        "image": name,
        "uri": None if found is None else found.uri,
        "account": None if found is None else found.cache.account,
        "region": None if found is None else str(found.cache.region),
        "prefix": None if found is None else str(found.cache.prefix),
        "reason": reason or None,
    }
