"""Reads the JSON documents that a topology names, from within the project root only."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from generator.model.estate import Json
from generator.topology.mistakes import (
    DOCUMENT_UNREADABLE,
    LIFECYCLE_REFUSED,
    UNTAGGED_EXPIRY,
    Mistakes,
    quoted,
)
from generator.topology.structure import Text

MAX_LIFECYCLE = 30_720
"""The longest lifecycle policy, in characters (API shape LifecyclePolicyTextForRepositoryCreationTemplate)."""

MAX_REPOSITORY_POLICY = 10_240
"""The longest repository policy, in characters (API shape RepositoryPolicyText)."""

MAX_LIFECYCLE_RULES = 50
"""The most rules of a lifecycle policy (an AWS quota that cannot be raised)."""


class _RefusedError(ValueError):
    """A JSON text that has something in it that no AWS document has."""


def read_document(file: Text, mistakes: Mistakes, *, maximum: int) -> Json:
    """The JSON object in a file that the topology names; `None` after a mistake."""
    place = file.place
    folder = place.span.file.parent
    problem: str | None = None
    document: object = None
    try:
        path = (folder / file.text).resolve()
        if not path.is_relative_to(_project_root(folder)):
            problem = (
                "lies outside the project, and nothing outside is read. Copy it beside this file."
            )
        elif not path.is_file():
            problem = "is not there. The path begins at the folder of this file."
        else:
            document = json.loads(
                path.read_text(encoding="utf-8"),
                object_pairs_hook=_once,
                parse_float=_no_fraction,
                parse_constant=_no_fraction,
            )
            if not isinstance(document, dict):
                problem = "holds no JSON object, and a policy is one."
    except OSError as error:
        problem = f"cannot be read: {error.strerror}."
    except UnicodeDecodeError:
        problem = "is not UTF-8 text."
    except json.JSONDecodeError as error:
        problem = f"is not JSON: {error.msg}, at line {error.lineno}, column {error.colno}."
    except _RefusedError as error:
        problem = f"is not a document that AWS takes: {error}."
    except RecursionError:
        problem = "is nested too deeply."
    if problem is None:
        read = _json(document)
        size = len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))
        if size <= maximum:
            return read
        problem = f"has {size:,} characters without spaces, and ECR takes {maximum:,}."
    mistakes.add(
        DOCUMENT_UNREADABLE, place, f"`{place.path}`: the file {quoted(file.text)} {problem}"
    )
    return None


def check_lifecycle(document: Json, file: Text, mistakes: Mistakes) -> bool:
    """Check rules that ECR cannot combine, and warn of untagged expiry; whether ECR takes them."""
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


def _project_root(folder: Path) -> Path:
    """The nearest folder with `.git` upwards, else the folder itself."""
    resolved = folder.resolve()
    above = (resolved, *resolved.parents)
    return next((each for each in above if (each / ".git").exists()), resolved)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = [key for key, _ in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise _RefusedError(f"the key {quoted(twice)} stands twice in one object")
    return dict(pairs)


def _no_fraction(text: str) -> object:
    raise _RefusedError(f"{quoted(text)} is not a whole number")


def _json(value: object) -> Json:
    match value:
        case dict():
            return {str(key): _json(item) for key, item in value.items()}
        case list():
            return tuple(map(_json, value))
        case str() | bool() | int():
            # The file is text that goes into Terraform code, where a lone surrogate cannot stand.
            return re.sub("[\ud800-\udfff]", "\ufffd", value) if isinstance(value, str) else value
        case _:
            return None
