"""What ECR takes as a lifecycle policy: one judge for topologies, code, plans and imports.

Source: ECR user guide, pages lifecycle_policy_parameters, lifecycle_policy_examples and archive-image.
Values that are not known are taken as right, so what is refused here is refused for sure.
"""

from collections.abc import Iterator, Mapping

from generator.frozen_data import frozen
from generator.model.estate import Json, Unknown, holds_null

MAX_RULES = 50
"""The most rules of a lifecycle policy (an AWS quota that cannot be raised)."""

MOST_WILDCARDS = 4
"""The most `*` in one tag pattern."""

LEAST_DAYS_IN_ARCHIVE = 90
"""Archived images are kept, and paid for, this long at least."""

_ANY, _TAGGED, _UNTAGGED = "any", "tagged", "untagged"
_STANDARD, _ARCHIVE = "standard", "archive"
_TRANSITIONED, _PULLED, _COUNT = "sinceImageTransitioned", "sinceImagePulled", "imageCountMoreThan"
_COUNT_TYPES = (_COUNT, "sinceImagePushed", _PULLED, _TRANSITIONED)
_TAG_LISTS = ("tagPatternList", "tagPrefixList")
_RULE_KEYS = frozenset({"rulePriority", "description", "selection", "action"})
_SELECTION_KEYS = frozenset(
    {"tagStatus", *_TAG_LISTS, "storageClass", "countType", "countUnit", "countNumber"}
)
_ACTION_KEYS = frozenset({"type", "targetStorageClass"})


@frozen
class LifecycleRule:
    """One rule of a policy, as far as it is known; `number` counts from 1."""

    number: int
    content: Mapping[str, Json]

    @property
    def name(self) -> str:
        """The rule in words: by its priority where it has one."""
        priority = self.content.get("rulePriority")
        return f"the rule {priority if _is_count(priority) else f'number {self.number}'}"

    @property
    def selection(self) -> Mapping[str, Json]:
        """What the rule selects images by."""
        selection = self.content.get("selection")
        return selection if isinstance(selection, Mapping) else {}

    @property
    def action(self) -> Mapping[str, Json]:
        """What the rule does."""
        action = self.content.get("action")
        return action if isinstance(action, Mapping) else {}

    @property
    def takes_untagged(self) -> bool:
        """Whether it is about untagged images alone."""
        return self.selection.get("tagStatus") == _UNTAGGED

    @property
    def archives(self) -> bool:
        """Whether it moves images to the archive, from where they cannot be pulled."""
        return self.action.get("type") == "transition"


def lifecycle_rules(document: Json) -> tuple[LifecycleRule, ...]:
    """The rules of a policy; none of a document that is no policy."""
    rules = document.get("rules") if isinstance(document, Mapping) else None
    return tuple(
        LifecycleRule(number=number, content=rule)
        for number, rule in enumerate(rules if isinstance(rules, tuple) else (), 1)
        if isinstance(rule, Mapping)
    )


def lifecycle_refusal(document: Json) -> str | None:
    """Why ECR refuses a lifecycle policy, as a sentence that goes on after a colon; `None` if it does not."""
    return next(_refusals(document), None)


def _refusals(document: Json) -> Iterator[str]:
    if isinstance(document, Unknown):
        return
    rules = document.get("rules") if isinstance(document, Mapping) else None
    if isinstance(rules, Unknown):
        return
    if not isinstance(rules, tuple) or not rules:
        yield "it has no list `rules`."
        return
    if not all(isinstance(rule, Mapping | Unknown) for rule in rules):
        yield "a rule is not an object."
    if len(rules) > MAX_RULES:
        yield f"it has {len(rules)} rules, and {MAX_RULES} are possible."
    read = lifecycle_rules(document)
    yield from _priorities(read)
    for rule in read:
        yield from (f"{rule.name} {problem}" for problem in _problems(rule))
    yield from _catching(read)


def _priorities(rules: tuple[LifecycleRule, ...]) -> Iterator[str]:
    seen: set[int] = set()
    for rule in rules:
        priority = rule.content.get("rulePriority")
        if isinstance(priority, Unknown):
            continue
        if not _is_count(priority):
            yield "each rule needs a `rulePriority`, a whole number from 1."
            return
        assert isinstance(priority, int)  # noqa: S101 - a count is one
        if priority in seen:
            yield f"two rules have the `rulePriority` {priority}."
            return
        seen.add(priority)


def _problems(rule: LifecycleRule) -> Iterator[str]:
    if holds_null(rule.content):
        yield "holds `null`: leave out what is not set."
    for place, value, known in (
        ("", rule.content, _RULE_KEYS),
        ("selection.", rule.selection, _SELECTION_KEYS),
        ("action.", rule.action, _ACTION_KEYS),
    ):
        for key in sorted(value.keys() - known):
            yield f"has the key `{place}{key}`, which ECR does not know."
    yield from _selection(rule)
    yield from _action(rule)


def _selection(rule: LifecycleRule) -> Iterator[str]:
    if isinstance(rule.content.get("selection"), Unknown):
        return
    selection = rule.selection
    status = selection.get("tagStatus")
    if not _is_one_of(status, (_ANY, _TAGGED, _UNTAGGED)):
        yield "has no `selection.tagStatus` of any, tagged or untagged."
    lists = [name for name in _TAG_LISTS if selection.get(name) not in (None, ())]
    if status == _TAGGED and not lists:
        yield "takes tagged images, so it needs `selection.tagPatternList` or `tagPrefixList`."
    if status == _UNTAGGED and lists:
        yield f"takes untagged images, so `selection.{lists[0]}` must not be there."
    patterns = selection.get("tagPatternList")
    for pattern in patterns if isinstance(patterns, tuple) else ():
        if isinstance(pattern, str) and pattern.count("*") > MOST_WILDCARDS:
            yield f"has a tag pattern with more than {MOST_WILDCARDS} `*`: `{pattern}`."
    count_type, unit = selection.get("countType"), selection.get("countUnit")
    if not _is_one_of(count_type, _COUNT_TYPES):
        yield f"has no `selection.countType` of {', '.join(_COUNT_TYPES)}."
    elif count_type == _COUNT and unit is not None and not isinstance(unit, Unknown):
        yield f"counts images, so `selection.countUnit` must not be there beside `{_COUNT}`."
    elif isinstance(count_type, str) and count_type != _COUNT and not _is_one_of(unit, ("days",)):
        yield f"needs `selection.countUnit` of days beside `{count_type}`."
    if not isinstance(selection.get("countNumber"), Unknown) and not _is_count(
        selection.get("countNumber")
    ):
        yield "needs a `selection.countNumber`, a whole number from 1."
    yield from _storage(selection.get("storageClass"), count_type)


def _storage(storage: Json, count_type: Json) -> Iterator[str]:
    if isinstance(storage, Unknown) or not isinstance(count_type, str):
        return
    if storage is not None and storage not in (_STANDARD, _ARCHIVE):
        yield "has no `selection.storageClass` of standard or archive."
    elif count_type == _TRANSITIONED and storage != _ARCHIVE:
        yield f"needs `selection.storageClass` of archive beside `{_TRANSITIONED}`."
    elif count_type != _TRANSITIONED and storage == _ARCHIVE:
        yield f"has the storage class archive, which goes with `{_TRANSITIONED}` only."


def _action(rule: LifecycleRule) -> Iterator[str]:
    if isinstance(rule.content.get("action"), Unknown):
        return
    does, target = rule.action.get("type"), rule.action.get("targetStorageClass")
    count_type = rule.selection.get("countType")
    if not _is_one_of(does, ("expire", "transition")):
        yield "has no `action.type` of expire or transition."
    elif does == "transition":
        if not _is_one_of(target, (_ARCHIVE,)):
            yield "needs `action.targetStorageClass` of archive beside `transition`."
        if count_type == _TRANSITIONED:
            yield "moves images to the archive that are there already: it can only expire them."
    elif does == "expire":
        if target is not None and not isinstance(target, Unknown):
            yield "expires images, so `action.targetStorageClass` must not be there."
        if count_type == _PULLED:
            yield (
                "expires images by their last pull, and by that ECR only archives them. Count from the "
                "push, `sinceImagePushed`."
            )
        days = rule.selection.get("countNumber")
        if count_type == _TRANSITIONED and _is_count(days):
            assert isinstance(days, int)  # noqa: S101 - a count is one
            if days < LEAST_DAYS_IN_ARCHIVE:
                yield (
                    f"expires archived images after {days} days, and ECR keeps them "
                    f"{LEAST_DAYS_IN_ARCHIVE} days at least."
                )


def _catching(rules: tuple[LifecycleRule, ...]) -> Iterator[str]:
    """A rule for any image is the only one of its storage class, and comes last in it."""
    if any(_is_open(rule) for rule in rules):
        return
    for storage in (_STANDARD, _ARCHIVE):
        of_class = [
            rule for rule in rules if rule.selection.get("storageClass", _STANDARD) == storage
        ]
        catching = [rule for rule in of_class if rule.selection.get("tagStatus") == _ANY]
        numbers = [_priority(rule) for rule in catching]
        if len(catching) > 1:
            yield f"the rules {numbers[0]} and {numbers[1]} both take any image; one may."
        elif catching and numbers[0] != max(map(_priority, of_class)):
            yield f"the rule {numbers[0]} takes any image, so it must have the highest number."


def _is_open(rule: LifecycleRule) -> bool:
    values = (
        rule.content.get("rulePriority"),
        rule.content.get("selection"),
        rule.selection.get("storageClass"),
        rule.selection.get("tagStatus"),
    )
    return any(isinstance(value, Unknown) for value in values)


def _priority(rule: LifecycleRule) -> int:
    priority = rule.content.get("rulePriority")
    return priority if isinstance(priority, int) else 0


def _is_one_of(value: Json, words: tuple[str, ...]) -> bool:
    return isinstance(value, Unknown) or value in words


def _is_count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
