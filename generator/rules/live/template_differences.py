"""What a repository has otherwise than a creation template would make it today."""

from collections.abc import Mapping

from generator.estate.spellings import Verdict, compare_attribute, is_certainly_equal
from generator.iam import PolicyKind, parse_policy_of_aws, same_meaning
from generator.model.estate import Absent, Known
from generator.model.snapshot import Answer, Fact, items_of, text_of
from generator.rules.live.registries import LiveRegistry


def differences(
    registry: LiveRegistry, repository: Mapping[str, Answer], template: Mapping[str, Answer]
) -> list[str]:
    """The words of what differs, in one order; what was not read counts as equal."""
    facts, name = registry.unit.facts, text_of(repository, "repositoryName")
    found = []
    if (
        repository.get("imageTagMutability") != template.get("imageTagMutability", "MUTABLE")
    ) or _filters(repository) != _filters(template):
        found.append("mutability of tags")
    if not _is_same_encryption(
        repository.get("encryptionConfiguration"), template.get("encryptionConfiguration")
    ):
        found.append("encryption")
    if (place := (Fact.REPOSITORY_POLICY, name)) in facts and not _is_same_policy(
        registry, facts[place], template.get("repositoryPolicy")
    ):
        found.append("policy")
    if (place := (Fact.LIFECYCLE_POLICY, name)) in facts and not _is_same_lifecycle(
        facts[place], template.get("lifecyclePolicy")
    ):
        found.append("lifecycle policy")
    tags = facts.get((Fact.REPOSITORY_TAGS, name))
    if isinstance(tags, tuple) and not _tags(template.get("resourceTags")) <= _tags(tags):
        found.append("tags")
    return found


def _filters(place: Mapping[str, Answer]) -> set[str]:
    filters = items_of(place.get("imageTagMutabilityExclusionFilters"))
    return {text_of(one, "filter") for one in filters}


def _is_same_encryption(ours: Answer, theirs: Answer) -> bool:
    """Whether sort and key are the same; a key by its alias, and AWS's own, cannot be told."""
    mine = ours if isinstance(ours, Mapping) else {}
    wanted = theirs if isinstance(theirs, Mapping) else {}
    if mine.get("encryptionType", "AES256") != wanted.get("encryptionType", "AES256"):
        return False
    key, named = text_of(mine, "kmsKey"), text_of(wanted, "kmsKey")
    return ":key/" not in key or ":key/" not in named or key == named


def _is_same_policy(registry: LiveRegistry, ours: Answer, theirs: Answer) -> bool:
    """Whether two policies give the same; what cannot be told counts as the same."""
    if not isinstance(ours, Mapping) or not isinstance(theirs, Mapping):
        return ours == theirs
    if is_certainly_equal(ours, theirs):
        return True
    return bool(
        same_meaning(
            parse_policy_of_aws(ours, source="the repository"),
            parse_policy_of_aws(theirs, source="the template"),
            kind=PolicyKind.REPOSITORY,
            account=registry.unit.account,
            region=registry.region,
        )
    )


def _is_same_lifecycle(ours: Answer, theirs: Answer) -> bool:
    mine = Absent() if ours is None else Known(value=ours)
    wanted = Absent() if theirs is None else Known(value=theirs)
    return compare_attribute("lifecycle_policy", wanted, mine) is not Verdict.DIFFERENT


def _tags(answer: Answer) -> set[tuple[str, str]]:
    return {(text_of(tag, "Key"), text_of(tag, "Value")) for tag in items_of(answer)}
