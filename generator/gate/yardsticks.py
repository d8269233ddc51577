"""What a change does to that by which it is judged: accepted results, the topology, the modules.

Whoever sends a change can accept what is found in it, declare the access that it gives, or name other
modules as forebay's own. Each of these is a result, which no suppression takes out.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from pathlib import Path

from generator.export.show import GrantRow, grant_rows
from generator.frozen_data import frozen
from generator.gate.baseline import BaselineEntry, counted
from generator.model.estate import Json
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.quotes import listed
from generator.model.span import Span, first_line
from generator.model.suppression import AtLine, Suppression
from generator.model.topology import IdentitySide, RegistryPolicyMode, Topology


@frozen
class Yardsticks:
    """What results are judged by at one time; `folder` is where its project lies.

    `topology` is `None` where there was none that can be read.
    """

    folder: Path
    topology: Topology | None
    suppressions: tuple[Suppression, ...]
    baseline: tuple[BaselineEntry, ...] | None = None


def yardstick_findings(
    now: Yardsticks, before: Yardsticks, revision: str, baseline: Path | None = None
) -> Iterator[Finding]:
    """One result for each thing that is accepted, declared or trusted now and was not then."""
    folder, folder_before = now.folder.resolve(), before.folder.resolve()
    known = Counter(_key(suppression, folder_before) for suppression in before.suppressions)
    for suppression in now.suppressions:
        key = _key(suppression, folder)
        if known[key]:
            known[key] -= 1
        else:
            yield _accepted(suppression, revision)
    if baseline is not None and now.baseline is not None:
        yield from _in_baseline(now.baseline, before.baseline or (), revision, baseline)
    topology = now.topology
    if topology is None:
        return
    if before.topology is None:
        yield _finding(
            "topology-widened",
            "The change brings the topology that it is judged by",
            f"At `{revision}` there was none that can be read, so all that this one declares is new.",
            subject="topology",
            place=topology.span,
        )
        return
    yield from _declared(topology, before.topology, revision)
    if topology.terraform.modules != before.topology.terraform.modules:
        yield _finding(
            "modules-changed",
            "The change takes the modules from elsewhere",
            f"`terraform.modules` names another source than at `{revision}`. Code that calls it is read "
            "as if forebay's own modules were there: see that they are.",
            subject="terraform.modules",
            place=topology.span,
        )


def _in_baseline(
    now: tuple[BaselineEntry, ...], before: tuple[BaselineEntry, ...], revision: str, file: Path
) -> Iterator[Finding]:
    """One result where a change puts more results into the baseline."""
    more = Counter(counted(now)) - Counter(counted(before))
    if not more:
        return
    rules = Counter[str]()
    for (_, rule, _, _), number in more.items():
        rules[rule] += number
    told = ", ".join(f"`{rule}` {number}" for rule, number in sorted(rules.items()))
    number = sum(rules.values())
    yield _finding(
        "suppression-added",
        "The change puts results into the baseline that it is judged by",
        f"`{file.as_posix()}` holds {number} {'result' if number == 1 else 'results'} that it does not "
        f"hold at `{revision}`: {told}. See whether that is for its author to decide.",
        subject=f"baseline {told}",
        place=first_line(file),
    )


def _key(suppression: Suppression, folder: Path) -> Hashable:
    """What a suppression accepts, and not on which line; `folder` is free of links."""
    target = suppression.target
    what: Hashable
    if isinstance(target, AtLine):
        what = _relative(target.file.resolve().as_posix(), folder)
    else:
        pattern = None if target.file is None else _relative(target.file, folder)
        what = (target.fingerprint, target.address, pattern)
    until = "" if suppression.until is None else suppression.until.isoformat()
    return (suppression.rules, what, suppression.access, until)


def _relative(file: str, folder: Path) -> str:
    return file.removeprefix(f"{folder.as_posix()}/")


def _accepted(suppression: Suppression, revision: str) -> Finding:
    rules = ", ".join(f"`{rule}`" for rule in sorted(suppression.rules))
    access = "".join(
        f" Of surplus access it accepts `{one.principal} {','.join(one.actions)} "
        f"{','.join(one.resources)}`."
        for one in suppression.access
    )
    return _finding(
        "suppression-added",
        "The change accepts results of its own accord",
        f"It accepts {rules} from now on, which `{revision}` does not, with the reason "
        f"`{suppression.reason}`.{access} See whether that is for its author to decide.",
        subject=f"{rules} {suppression.reason}",
        place=suppression.place,
    )


def _declared(topology: Topology, before: Topology, revision: str) -> Iterator[Finding]:
    """One result for each grant that lets somebody do more, with all the caches that it is about."""
    old = set(map(_grant, grant_rows(before)))
    places = _places(topology)
    new: dict[tuple[object, ...], list[GrantRow]] = {}
    for row in grant_rows(topology):
        if _grant(row) not in old:
            key = (row.consumer, row.scope, row.role, row.permission_set, row.level)
            new.setdefault((*key, places.get(_named(row))), []).append(row)
    for rows in new.values():
        first = rows[0]
        role = first.role or first.permission_set or "any role"
        repositories: dict[str, dict[str, None]] = {}
        for row in rows:
            repositories.setdefault(f"{row.account}/{row.region}", {})[row.repositories] = None
        # Mostly it is the same caches everywhere.
        registries: dict[tuple[str, ...], list[str]] = {}
        for registry, some in repositories.items():
            registries.setdefault(tuple(some), []).append(registry)
        where = [f"{listed(some)} in {listed(those)}" for some, those in registries.items()]
        yield _finding(
            "topology-widened",
            "The change declares access that was not declared",
            f"The topology now lets `{first.consumer}` ({role}, {first.scope}) do `{first.level}` on "
            f"{'; on '.join(where)}. At `{revision}` it did not, so code that gives this access is right "
            "only since this change.",
            subject=" ".join(str(part) for row in rows for part in _grant(row)),
            place=places.get(_named(first), topology.span),
        )
    yield from _new_parts(topology, before, revision)
    yield from _given_up(topology, before, revision)


def _places(topology: Topology) -> dict[tuple[str, str, str], Span]:
    """The line of the first grant of each consumer, prefix and level."""
    found: dict[tuple[str, str, str], Span] = {}
    for grant in topology.grants:
        key = (grant.consumer.policy_name, grant.cache.prefix, grant.level.value)
        found.setdefault(key, grant.span)
    return found


def _named(row: GrantRow) -> tuple[str, str, str]:
    return (row.consumer, row.prefix, row.level)


def _given_up(topology: Topology, before: Topology, revision: str) -> Iterator[Finding]:
    """What was expected of pulls, and is not any more."""
    for name, expected in before.expectations.items():
        now = topology.expectations.get(name)
        if now is None or replace(now, span=expected.span) != expected:
            yield _finding(
                "topology-widened",
                "The change gives up what was expected of pulls",
                f"`expectations.{name}` is {'gone' if now is None else 'another'}, so `check` does not prove "
                f"any more what it proved at `{revision}`.",
                subject=f"expectation {name}",
                place=topology.span if now is None else now.span,
            )


def _grant(row: GrantRow) -> tuple[str | None, ...]:
    return (
        row.consumer,
        row.scope,
        row.consumer_account,
        row.role,
        row.permission_set,
        row.level,
        row.account,
        row.region,
        row.repositories,
    )


def _new_parts(topology: Topology, before: Topology, revision: str) -> Iterator[Finding]:
    """What is not asked any more, or counts as declared without a grant."""
    parts: tuple[tuple[str, Callable[[Topology], dict[str, tuple[Json, Span]]]], ...] = (
        ("keeps statements that no grant declares", _kept),
        ("leaves to others, so that nothing is asked of it", _left_to_others),
        ("gives new repositories a policy of its own", _template_policies),
    )
    for words, of in parts:
        then = of(before)
        for name, (value, span) in of(topology).items():
            if name not in then or then[name][0] != value:
                yield _finding(
                    "topology-widened",
                    "The change declares what was not declared",
                    f"The topology now {words}: {name}. At `{revision}` it did not, or otherwise.",
                    subject=f"{words} {name}",
                    place=span,
                )


def _kept(topology: Topology) -> dict[str, tuple[Json, Span]]:
    return {
        f"the account `{account.name}`": (account.kept.statements, account.kept.span)
        for account in topology.accounts.values()
        if account.kept is not None
    }


def _left_to_others(topology: Topology) -> dict[str, tuple[Json, Span]]:
    found: dict[str, tuple[Json, Span]] = {}
    for account in topology.accounts.values():
        if not account.is_managed:
            found[f"the account `{account.name}`"] = (True, account.span)
        if account.registry_policy is RegistryPolicyMode.EXPORT:
            name = f"the registry policy of the account `{account.name}`"
            found[name] = (True, account.span)
    for grant in topology.grants:
        if grant.identity is IdentitySide.ELSEWHERE:
            name = f"the policy of the consumer `{grant.consumer.policy_name}`"
            found[name] = (True, grant.consumer.span)
    return found


def _template_policies(topology: Topology) -> dict[str, tuple[Json, Span]]:
    return {
        f"`{placed.prefix}` in `{placed.account}/{placed.region}`": (
            placed.template.repository_policy,
            placed.span,
        )
        for placed in topology.templates
        if placed.template.repository_policy is not None
    }


def _finding(rule: str, title: str, message: str, *, subject: str, place: Span) -> Finding:
    return Finding(
        kind=FindingKind.FINDING,
        rule=rule,
        severity=Severity.WARNING,
        title=title,
        message=message,
        subject=subject,
        location=place,
    )
