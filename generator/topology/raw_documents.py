"""Reads the JSON documents that a topology names, from within the project root only."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from generator.disk.checkout import is_left_behind
from generator.disk.places import holds_credentials, is_of_git
from generator.disk.reading import read_file
from generator.model.estate import Json, json_of
from generator.model.lifecycle_policy import lifecycle_refusal, lifecycle_rules
from generator.model.quotes import quoted
from generator.topology.contents import Text
from generator.topology.mistakes import (
    ARCHIVED_IMAGES,
    DOCUMENT_UNREADABLE,
    LIFECYCLE_REFUSED,
    UNTAGGED_EXPIRY,
    Mistakes,
)

MAX_LIFECYCLE = 30_720
"""The longest lifecycle policy, in characters (API shape LifecyclePolicyTextForRepositoryCreationTemplate)."""

MAX_REPOSITORY_POLICY = 10_240
"""The longest repository policy, in characters (API shape RepositoryPolicyText)."""


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
    if holds_credentials(path) and path.suffix.lower() != ".json":
        raise UnusableFileError(
            "has a name of files with passwords or keys, and is not read. A policy ends in `.json`."
        )
    try:
        is_file = path.is_file()
        if is_file and is_left_behind(path):
            raise UnusableFileError(
                "is not tracked by git, so this job has left it there, and it is not read. If the job "
                "makes it, tell git of it first: `git add --intent-to-add`."
            )
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
    """Check what ECR refuses, and warn of what harms pulls; whether ECR takes the policy."""
    problem = lifecycle_refusal(document)
    place = file.place
    if problem is not None:
        mistakes.add(
            LIFECYCLE_REFUSED,
            place,
            f"`{place.path}`: ECR refuses the lifecycle policy in {quoted(file.text)}: {problem}",
        )
        return False
    rules = lifecycle_rules(document)
    untagged = next((rule for rule in rules if rule.takes_untagged), None)
    if untagged is not None:
        mistakes.add(
            UNTAGGED_EXPIRY,
            place,
            f"`{place.path}`: {untagged.name} in {quoted(file.text)} takes untagged images. In a "
            "cache those are the images that are pulled by digest, and the ones for single "
            "architectures: they are in use, though nothing names them.",
        )
    archiving = next((rule for rule in rules if rule.archives), None)
    if archiving is not None:
        mistakes.add(
            ARCHIVED_IMAGES,
            place,
            f"`{place.path}`: {archiving.name} in {quoted(file.text)} moves images to the archive. "
            "An archived image cannot be pulled, and its cache does not import it again, until "
            "somebody restores or deletes it.",
        )
    return True


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
