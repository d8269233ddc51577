"""What a rule is: its name, its severity, and the function that looks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from generator.finding import Finding, FindingKind, Severity, Witness
from generator.model.topology import Topology
from generator.span import Span

if TYPE_CHECKING:
    from generator.judgements import JudgedPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; its manual is the docstring of its module."""

    name: str
    severity: Severity

    def finding(
        self,
        *,
        title: str,
        message: str,
        subject: str,
        address: str | None = None,
        location: Span | None = None,
        topology: Span | None = None,
        witness: Witness | None = None,
        kind: FindingKind = FindingKind.FINDING,
    ) -> Finding:
        """A finding of this rule."""
        return Finding(
            kind=kind,
            rule=self.name,
            severity=self.severity,
            title=title,
            message=message,
            subject=subject,
            address=address,
            location=location,
            topology=topology,
            witness=witness,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologyRule:
    """A rule about the topology itself: mistakes that only show once everything is resolved."""

    rule: Rule
    check: Callable[[Topology], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedRule:
    """A rule about the topology that depends on the day on which it runs."""

    rule: Rule
    check: Callable[[Topology, date], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRule:
    """A rule about one policy that was judged against the declared grants."""

    rule: Rule
    check: "Callable[[JudgedPolicy], Iterator[Finding]]"
