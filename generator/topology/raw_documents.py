"""Reads the JSON documents that a topology names, from within the project root only."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from generator.disk.places import is_of_git
from generator.disk.reading import read_file
from generator.model.estate import Json, json_of
from generator.model.quotes import quoted
from generator.topology.contents import Text
from generator.topology.mistakes import (
    DOCUMENT_UNREADABLE,
    LIFECYCLE_REFUSED,
    UNTAGGED_EXPIRY,
    Mistakes,
)

MAX_LIFECYCLE = 30_720
"""The longest lifecycle policy, in characters (API shape LifecyclePolicyTextForRepositoryCreationTemplate)."""

MAX_REPOSITORY_POLICY = 10_240
"""The longest repository policy, in characters (API shape RepositoryPolicyText)."""

MAX_LIFECYCLE_RULES = 50
"""The most rules of a lifecycle policy (an AWS quota that cannot be raised)."""


MAX_BYTES = 1024 * 1024
"""The largest file that is read; ECR takes far less."""


class UnusableFileError(ValueError):
    """A file that cannot be used; the message goes on after the file's name."""


def read_json(file: Text, project: Path, *, are_numbers_texts: bool = False) -> Json:
    """The JSON in a file that the topology names; raises `UnusableFileError`.

    Nothing above the folder `project` is read. Numbers are whole ones, or with `are_numbers_texts` texts as they are written.
    """
    folder = file.place.span.file.resolve().parent
    # Unlike `resolve`, this takes a loop of links for a path that does not exist.
    path = Path(os.path.realpath(folder / file.text))
    if not path.is_relative_to(project) or is_of_git(path.relative_to(project)):
        raise UnusableFileError(
            "lies outside of the project, and nothing outside of it is read. Move it beside the "
            "topology."
        )
    try:
        is_file = path.is_file()
    except OSError:  # such as a name that is too long
        is_file = False
    if not is_file:
        raise UnusableFileError("is not a file.")
    try:
        content = read_file(path, limit=MAX_BYTES)
    except OSError as error:
        raise UnusableFileError(f"cannot be read: {error.strerror}.") from error
    if len(content) > MAX_BYTES:
        raise UnusableFileError(f"has more than {MAX_BYTES} bytes.")
    try:
        document: object = json.loads(
            content,
            parse_int=str if are_numbers_texts else int,
            parse_float=str if are_numbers_texts else _no_fraction,
            object_pairs_hook=_object,
        )
        # Half of a surrogate pair is legal in JSON, and cannot be written to any file.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise UnusableFileError(f"is not JSON: {error}.") from error
    return json_of(document)


def read_document(file: Text, project: Path, mistakes: Mistakes, *, maximum: int) -> Json:
    """The JSON object in a file that the topology names; `None` after a mistake."""
    document: Json = None
    problem: str | None = None
    try:
        document = read_json(file, project)
    except UnusableFileError as error:
        problem = str(error)
    if problem is None:
        size = len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))
        if not isinstance(document, Mapping):
            problem = "holds no JSON object, and a policy is one."
        elif size > maximum:
            problem = f"has {size:,} characters without spaces, and ECR takes {maximum:,}."
    if problem is None:
        return document
    mistakes.add(
        DOCUMENT_UNREADABLE,
        file.place,
        f"`{file.place.path}`: the file {quoted(file.text)} {problem}",
    )
    return None


def check_lifecycle(document: Json, file: Text, mistakes: Mistakes) -> bool:
    """Whether ECR takes the rules; notes those that it cannot combine, and warns of untagged expiry."""
    problem = _lifecycle_problem(document)
    place = file.place
    if problem is not None:
        mistakes.add(
            LIFECYCLE_REFUSED,
            place,
            f"`{place.path}`: ECR refuses the lifecycle policy in {quoted(file.text)}: {problem}",
        )
        return False
    for rule in _rules(document):
        if _selection(rule).get("tagStatus") == "untagged":
            mistakes.add(
                UNTAGGED_EXPIRY,
                place,
                f"`{place.path}`: the rule {rule.get('rulePriority')} in {quoted(file.text)} takes "
                "untagged images. In a cache those are the images that are pulled by digest, and "
                "the ones for single architectures: they are in use, though nothing names them.",
            )
            break
    return True


def _lifecycle_problem(document: Json) -> str | None:
    rules = document.get("rules") if isinstance(document, Mapping) else None
    if not isinstance(rules, tuple) or not rules:
        return "it has no list `rules`."
    if not all(isinstance(rule, Mapping) for rule in rules):
        return "a rule is not an object."
    if len(rules) > MAX_LIFECYCLE_RULES:
        return f"it has {len(rules)} rules, and {MAX_LIFECYCLE_RULES} are possible."
    priorities: list[int] = []
    for rule in _rules(document):
        priority = rule.get("rulePriority")
        if not isinstance(priority, int) or isinstance(priority, bool) or priority < 1:
            return "each rule needs a `rulePriority`, a whole number from 1."
        if priority in priorities:
            return f"two rules have the `rulePriority` {priority}."
        priorities.append(priority)
        if _selection(rule).get("tagStatus") not in {"any", "tagged", "untagged"}:
            return f"the rule {priority} has no `selection.tagStatus` of any, tagged or untagged."
        if has_null(rule):
            return f"the rule {priority} holds `null`: leave out what is not set."
        action = rule.get("action")
        expires = isinstance(action, Mapping) and action.get("type") == "expire"
        if expires and _selection(rule).get("countType") == "sinceImagePulled":
            return (
                f"the rule {priority} expires images by their last pull, and by that ECR only "
                "archives them. Count from the push, `sinceImagePushed`."
            )
    catching = [
        priority
        for rule, priority in zip(_rules(document), priorities, strict=True)
        if _selection(rule).get("tagStatus") == "any"
    ]
    if len(catching) > 1:
        return f"the rules {catching[0]} and {catching[1]} both take any image; one may."
    if catching and catching[0] != max(priorities):
        return f"the rule {catching[0]} takes any image, so it must have the highest number."
    return None


def _rules(document: Json) -> Iterator[Mapping[str, Json]]:
    rules = document.get("rules") if isinstance(document, Mapping) else None
    for rule in rules if isinstance(rules, tuple) else ():
        if isinstance(rule, Mapping):
            yield rule


def _selection(rule: Mapping[str, Json]) -> Mapping[str, Json]:
    selection = rule.get("selection")
    return selection if isinstance(selection, Mapping) else {}


def has_null(value: Json) -> bool:
    """Whether a document holds `null` anywhere, which AWS does not take."""
    match value:
        case None:
            return True
        case tuple():
            return any(map(has_null, value))
        case Mapping():
            return any(map(has_null, value.values()))
        case _:
            return False


def project_root_of(folder: Path) -> Path:
    """Where a topology's project ends: the nearest folder with `.git`, else the topology's own folder."""
    above = (folder, *folder.parents)
    return next((parent for parent in above if (parent / ".git").exists()), folder)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {quoted(twice)} stands twice in one object")
    return entries


def _no_fraction(text: str) -> object:
    raise ValueError(f"{quoted(text)} is not a whole number")
