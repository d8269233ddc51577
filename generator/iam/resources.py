"""The resources a question is about, and the actions outside ECR: one for each way to match.

Registries that are named come one by one; all others come as one representative for each
combination of patterns that could match, and so do the names of repositories.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from generator.iam.access import RepositoryScope
from generator.iam.automaton import Automaton, heads, representatives
from generator.iam.callers import STRANGERS
from generator.iam.document import Comparison, PolicyKind, Statement
from generator.iam.globs import (
    ANY,
    ANY_BUT_COLON,
    MANY,
    MANY_BUT_COLON,
    Glob,
    arn_glob,
    is_literal,
    like_glob,
    literal_head,
    matches,
    spelled_out,
)
from generator.iam.keys import KeyRole, key_role
from generator.iam.language import action_name, any_arn, registry_head, repository_name
from generator.iam.principals import Setting
from generator.iam.readings import action_readings, condition_readings, resource_readings

_BEFORE = {KeyRole.RESOURCE: arn_glob("arn:*:*:*:"), KeyRole.REGION: arn_glob("arn:*:*:")}
_OTHER_REGIONS = ("us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2")
_OTHER_REPOSITORIES = ("another/repository", "another-repository")


def resources_of(
    statements: Sequence[Statement],
    scopes: Iterable[RepositoryScope],
    setting: Setting,
    *,
    repository: str | None = None,
    without: Sequence[str] = (),
    together: Sequence[RepositoryScope] = (),
    any_service: bool = False,
) -> tuple[str, ...]:
    """Every resource the question is about; `*` stands for actions without a resource type.

    `repository` is the pattern of names that a repository policy is attached to, `without` those of
    them that it is not. `together` are
    scopes that the question does not tell from one another: registries of other accounts with
    equal ones stand for each other. `any_service` adds ARNs that are not repositories. Raises
    `TooComplexError`.
    """
    if setting.kind is PolicyKind.TRUST:
        return ("",)
    globs = _resource_globs(statements, setting)
    single = {*globs, *(scope_glob(scope, setting.partition) for scope in scopes)}
    globs.extend(scope_glob(scope, setting.partition) for scope in (*together, *scopes))
    own_head = f"arn:{setting.partition}:ecr:{setting.region}:{setting.account}:repository/"
    if setting.kind is PolicyKind.IDENTITY:
        found = [*_repositories_anywhere(globs, setting, single), "*"]
        if any_service:
            known = set(found)
            found.extend(
                arn
                for arn in representatives(globs, any_arn(), preferred=("arn:aws:s3:::bucket",))
                if arn not in known
            )
        return tuple(found)
    attached = [] if repository is None else [like_glob(repository)]
    others = [like_glob(one) for one in without]
    globs.extend((*own_head, *glob) for glob in (*attached, *others))
    names = representatives(
        globs,
        repository_name(),
        prefix=own_head,
        preferred=_repository_suggestions(globs, own_head),
    )
    names = tuple(
        name
        for name in names
        if all(matches(glob, name) for glob in attached)
        and not any(matches(glob, name) for glob in others)
    )
    return (*(own_head + name for name in names), *(() if repository is not None else ("*",)))


def scope_glob(scope: RepositoryScope, partition: str) -> Glob:
    """The pattern of the ARNs of a scope's repositories."""
    region, account = scope.region or "*", scope.registry_account or "*"
    return like_glob(f"arn:{partition}:ecr:{region}:{account}:repository/{scope.repositories}")


def _resource_globs(statements: Iterable[Statement], setting: Setting) -> list[Glob]:
    globs: dict[Glob, None] = {}
    for statement in statements:
        if statement.resources is not None:
            readings = resource_readings(statement.resources.texts)
            globs.update(dict.fromkeys((*readings.sure, *readings.possible)))
        for condition in statement.conditions:
            # What the resource decides is a part of its ARN: its account, and the region.
            role = key_role(condition.key)
            head = None if role is None else _BEFORE.get(role)
            if head is not None and condition.comparison not in {None, Comparison.NULL}:
                narrowed = {ANY: ANY_BUT_COLON, MANY: MANY_BUT_COLON}
                readings = condition_readings(condition)
                for glob in (*readings.sure, *readings.possible):
                    part = tuple(narrowed.get(token, token) for token in glob)
                    globs[*head, *part, ":", MANY] = None
    # Nothing in another partition can be reached from this one.
    partition = f"arn:{setting.partition}:"
    starts = ((glob, glob[: len(partition)]) for glob in globs)
    return [glob for glob, start in starts if not is_literal(start) or "".join(start) == partition]


def _repository_suggestions(globs: Iterable[Glob], head: str) -> tuple[str, ...]:
    return (*_OTHER_REPOSITORIES, *(text.removeprefix(head) for text in spelled_out(globs)))


@lru_cache(maxsize=16_384)
def _registry_of(glob: Glob) -> str | None:
    """The beginning of the ARNs of the one registry that a pattern of repositories names."""
    head = literal_head(glob)
    behind = len(head or "")
    mark = "repository/"
    if head is None or "".join(glob[behind : behind + len(mark)]) != mark:
        return None
    return head + mark


@lru_cache(maxsize=16_384)
def _is_registry(head: str, start: str) -> bool:
    return head.startswith(start) and registry_head().contains(head[len(start) :])


def _repositories_anywhere(
    globs: Iterable[Glob], setting: Setting, single: Collection[Glob]
) -> Iterable[str]:
    """Repositories of the registries that are named, and of one more for each way to match.

    Registries of other accounts that no `single` pattern names are alike where they have the same
    patterns; the first stands for all.
    """
    start = f"arn:{setting.partition}:"
    named: dict[str, list[Glob]] = {}
    singled_out: set[str] = set()
    floating: list[Glob] = []
    for glob in globs:
        head = _registry_of(glob)
        if head is None:
            floating.append(glob)
        elif _is_registry(head, start):
            named.setdefault(head, []).append(glob[len(head) :])
            if glob in single or head.split(":")[4] == setting.account:
                singled_out.add(head)
    alphabet = "".join(sorted({*start, *registry_head().alphabet}))
    automaton = Automaton(floating, alphabet)
    begun = automaton.run(start)
    region = setting.region or "us-east-1"
    others = heads(
        automaton,
        registry_head(),
        prefix=start,
        suffix="",
        without={head.removeprefix(start) for head in named},
        preferred=tuple(
            f"ecr:{one}:{account}:repository/"
            for one in dict.fromkeys((region, *_OTHER_REGIONS))
            for account in STRANGERS
        ),
    )
    remembered: dict[frozenset[Glob], tuple[str, ...]] = {}
    stood_for: set[tuple[int, frozenset[Glob]]] = set()
    for head in (*named, *(start + other for other in others)):
        state = automaton.run(head.removeprefix(start), begun)
        if head in named and head not in singled_out:
            sort = (state, frozenset(named[head]))
            if sort in stood_for:
                continue
            stood_for.add(sort)
        left = automaton.remainders(state)
        patterns = frozenset((*left, *named.get(head, ())))
        names = remembered.get(patterns)
        if names is None:
            names = representatives(
                patterns, repository_name(), preferred=_repository_suggestions(patterns, "")
            )
            remembered[patterns] = names
        yield from (head + name for name in names)


def other_actions_of(statements: Iterable[Statement], known: Collection[str]) -> tuple[str, ...]:
    """Actions outside the `known` ones: one for each combination of action patterns.

    The known ones stand for all of their services, but for actions that are named literally.
    """
    globs: dict[Glob, None] = {}
    spelled: dict[str, str] = {}
    for statement in statements:
        if statement.actions is not None:
            readings = action_readings(statement.actions.texts)
            globs.update(dict.fromkeys((*readings.sure, *readings.possible)))
            for text in statement.actions.texts:
                if text.plain is not None:
                    spelled[text.plain.lower()] = text.plain
    lowered = {action.lower() for action in known}
    services = {action.split(":")[0] for action in lowered}
    # A representative must not stand for a known service and for another one at once.
    globs.update(dict.fromkeys(like_glob(f"{service}:*") for service in sorted(services)))
    found = representatives(globs, action_name(), preferred=("another:action",))
    return tuple(
        spelled.get(action, action)
        for action in found
        if action in spelled or action.split(":")[0] not in services
        if action not in lowered
    )
