"""What the policies of repositories give beside a registry's, for access that the registry's lacks.

A policy of one repository counts for that repository. What a creation template gives counts for all
that ECR creates from it. Creating a repository is asked before it has a policy, so only the registry's
can give that.
"""

from collections.abc import Sequence
from dataclasses import replace

from generator.estate.attached_policies import parse_record
from generator.frozen_data import frozen
from generator.grants.case import Case
from generator.grants.declared_access import organization_of, registry_access
from generator.grants.repositories import BEFORE_IT_EXISTS, is_for_caches, without_template
from generator.iam import (
    Access,
    Effect,
    Judgement,
    Patterns,
    Policy,
    Question,
    Statement,
    Text,
    Undecided,
    UnderGrant,
    parse_policy,
)
from generator.model.estate import Absent, Json, Kind, Known, Record
from generator.model.levels import IMPORT_ACTION
from generator.model.topology import Account
from generator.model.values import Prefix, Region, repository_arn


@frozen
class Beside:
    """The judgement of a registry's policy with the policies beside it, and what it rests on.

    `templates` are the addresses of the templates whose policies give what the registry's lacks.
    """

    judgement: Judgement
    templates: tuple[str, ...] = ()


@frozen
class _Zone:
    """Repositories that have the same policies: a pattern of names, without some of them."""

    repositories: str
    without: tuple[str, ...]
    records: tuple[Record, ...]
    attribute: str


def with_repositories(
    case: Case, account: Account, region: Region, policy: Policy, judgement: Judgement
) -> Beside:
    """The judgement of a registry's policy, without what the policies of repositories give.

    `judgement` is the answer about the policy alone; it stands where nothing is given beside it.
    """
    lacks = [one for one in judgement.under if not one.statements]
    open_questions = [one for one in judgement.undecided if one.question is Question.UNDER_GRANT]
    zones = _zones(case, account, region) if lacks or open_questions else ()
    allows = [_allows(account, region, zone) for zone in zones]
    if not any(allows):
        return Beside(judgement=judgement)
    judge = _Judge(case=case, account=account, region=region, policy=policy)
    answers = [judge.outside(zones)]
    templates: dict[str, None] = {}
    for zone, statements in zip(zones, allows, strict=True):
        answer = judge.inside(zone, statements)
        answers.append(answer)
        if not statements or zone.records[0].kind is not Kind.CREATION_TEMPLATE:
            continue
        given = _given(judge.inside(zone, ()), answer)
        if given:
            templates.update(dict.fromkeys(record.address for record in zone.records))
        answers.append(_first_imports(given, zone))
    left = {
        (one.reason, one.statements): one
        for answer in reversed(answers)
        for one in answer.undecided
        if one.question is Question.UNDER_GRANT
    }
    others = (one for one in judgement.undecided if one.question is not Question.UNDER_GRANT)
    return Beside(
        judgement=replace(
            judgement,
            under=_merged([one for answer in answers for one in answer.under]),
            undecided=(*others, *reversed(left.values())),
        ),
        templates=tuple(templates),
    )


def _zones(case: Case, account: Account, region: Region) -> tuple[_Zone, ...]:
    """The repositories that are known to exist, one by one, and those of each template."""
    here = [
        record
        for kind in (Kind.REPOSITORY, Kind.REPOSITORY_POLICY, Kind.CREATION_TEMPLATE)
        for record in case.records(kind, account.id)
        if record.region == region and isinstance(record.key, str)
    ]
    policies: dict[str, list[Record]] = {}
    templates: dict[Prefix, list[Record]] = {}
    for record in here:
        if record.kind is Kind.CREATION_TEMPLATE:
            if is_for_caches(record):
                prefix = Prefix(str(record.key).removesuffix("/"))
                templates.setdefault(prefix, []).append(record)
        else:
            own = policies.setdefault(str(record.key), [])
            if record.kind is Kind.REPOSITORY_POLICY:
                own.append(record)
    zones = [
        _Zone(repositories=name, without=(), records=tuple(records), attribute="policy")
        for name, records in policies.items()
    ]
    for prefix, records in templates.items():
        zones.append(
            _Zone(
                repositories=prefix.repositories,
                without=without_template(case, account, region, records[0]),
                records=tuple(records),
                attribute="repository_policy",
            )
        )
    return tuple(zones)


def _allows(account: Account, region: Region, zone: _Zone) -> tuple[Statement, ...]:
    """What the policies of a zone may allow, as statements of a registry's policy."""
    doubts = []
    if len(zone.records) > 1:
        doubts.append("several blocks put this policy, and one of them wins")
    found: list[Statement] = []
    for record in zone.records:
        if isinstance(record.get(zone.attribute), Absent):
            continue
        unsure = [*doubts]
        if record.uncertain is not None:
            unsure.append(record.uncertain.reason)
        if record.kind is Kind.CREATION_TEMPLATE and not isinstance(
            record.get("applied_for"), Known
        ):
            unsure.append("what the template applies to is not known")
        found.extend(
            replace(
                statement,
                resources=Patterns(texts=(_arn(account, region, zone.repositories),)),
                doubts=(*statement.doubts, *unsure),
            )
            for statement in parse_record(record, zone.attribute).statements
            # One with a Resource is none that ECR takes for a repository.
            if statement.effect is not Effect.DENY and statement.resources is None
        )
    return tuple(found)


def _arn(account: Account, region: Region, repositories: str) -> Text:
    return Text(pieces=(repository_arn(region, account.id, repositories),))


@frozen
class _Judge:
    """Asks what of the declared access is lacking in one part of a registry."""

    case: Case
    account: Account
    region: Region
    policy: Policy

    def outside(self, zones: Sequence[_Zone]) -> Judgement:
        """What is lacking outside of all zones, and the creating of repositories anywhere."""
        return self._asked(self._all_but_creating([zone.repositories for zone in zones]))

    def inside(self, zone: _Zone, allows: Sequence[Statement]) -> Judgement:
        """What is lacking in a zone, whose repositories are there."""
        outside = self._all_but_creating([zone.repositories], negated=True)
        return self._asked(
            (*outside, *self._all_but_creating(zone.without), *allows), is_there=True
        )

    def _all_but_creating(
        self, repositories: Sequence[str], *, negated: bool = False
    ) -> tuple[Statement, ...]:
        """A statement that gives everybody what is not in question."""
        if not repositories:
            return ()
        arns = [repository_arn(self.region, self.account.id, one) for one in repositories]
        statement: Json = {
            "Effect": "Allow",
            "Principal": "*",
            "NotAction": tuple(sorted(BEFORE_IT_EXISTS)),
            "NotResource" if negated else "Resource": tuple(arns),
        }
        document: Json = {"Version": "2012-10-17", "Statement": (statement,)}
        return parse_policy(document, source="not in question").statements

    def _asked(self, more: Sequence[Statement], *, is_there: bool = False) -> Judgement:
        topology = self.case.topology
        declared: dict[Access, Access] = {}
        for access in registry_access(topology, self.account.id, self.region):
            actions = access.actions - BEFORE_IT_EXISTS if is_there else access.actions
            if actions:
                declared.setdefault(replace(access, actions=actions), access)
        judgement = self.case.proofs.judge_resource_policy(
            replace(self.policy, statements=(*self.policy.statements, *more)),
            registry_account=self.account.id,
            region=self.region,
            intended=tuple(declared),
            known_accounts=[other.id for other in topology.accounts.values()],
            organization=organization_of(topology),
            now=topology.asked_at,
        )
        under = (
            one if one.access is None else replace(one, access=declared[one.access])
            for one in judgement.under
        )
        return replace(judgement, under=tuple(under))


def _given(alone: Judgement, together: Judgement) -> tuple[UnderGrant, ...]:
    """What is lacking without the policies of a zone, and not with them."""
    lacking: dict[Access | None, set[str]] = {}
    for one in together.under:
        lacking.setdefault(one.access, set()).update(one.actions)
    found = []
    for one in alone.under:
        actions = tuple(each for each in one.actions if each not in lacking.get(one.access, ()))
        if actions:
            found.append(replace(one, actions=actions))
    return tuple(found)


def _first_imports(given: Sequence[UnderGrant], zone: _Zone) -> Judgement:
    """The open question of a first pull whose import only a template's policy allows."""
    for one in given:
        if (
            one.access is not None
            and one.access.actions >= BEFORE_IT_EXISTS
            and IMPORT_ACTION in one.actions
        ):
            reason = (
                f"only the policy that template `{zone.records[0].address}` gives its repositories "
                f"allows {IMPORT_ACTION}, and whether ECR asks for that before or after a first "
                "pull has created the repository is not documented"
            )
            question = Undecided(
                question=Question.UNDER_GRANT,
                reason=reason,
                statements=(),
                request=replace(one.request, action=IMPORT_ACTION),
            )
            return Judgement(undecided=(question,))
    return Judgement()


def _merged(lacks: Sequence[UnderGrant]) -> tuple[UnderGrant, ...]:
    """What is lacking, without what is said of the same access already."""
    kept: list[UnderGrant] = []
    for one in lacks:
        if not any(
            other.access == one.access
            and other.statements == one.statements
            and other.by_network is one.by_network
            and set(other.actions) >= set(one.actions)
            for other in kept
        ):
            kept.append(one)
    return tuple(kept)
