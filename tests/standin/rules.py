"""What the provider checks in a configuration beyond the schema, at validate and before any call."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from .problems import Problem
from .values import UNKNOWN, Values, is_known

Rule = Callable[[Values], Iterator[Problem]]

REPOSITORY_PREFIX = r"((?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*/?|ROOT)"  # one separator at a time
ROLE_NAME = r"[\w+=,.@-]+"
ARN = r"arn:aws[\w-]*:[a-zA-Z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:.*"
SECRET_NAME = r"[\w/+=.@-]+"
MUTABILITY = ("MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION")
ACCOUNT_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "BASIC_SCAN_TYPE_VERSION": ("AWS_NATIVE", "CLAIR"),
    "BLOB_MOUNTING": ("ENABLED", "DISABLED"),
    "REGISTRY_POLICY_SCOPE": ("V1", "V2"),
}


def conflict(*names: str) -> Rule:
    """Allow at most one of some arguments."""

    def check(config: Values) -> Iterator[Problem]:
        given = [name for name in names if config.get(name) is not None]
        if len(given) > 1:
            yield Problem(
                "Conflicting configuration arguments",
                f'"{given[0]}": conflicts with {given[1]}',
                (given[0],),
            )

    return check


def together(name: str, other: str) -> Rule:
    """Require a second argument where the first is given."""

    def check(config: Values) -> Iterator[Problem]:
        if config.get(name) is not None and config.get(other) is None:
            yield Problem(
                "Missing required argument",
                f'"{name}": all of `{name},{other}` must be specified',
                (name,),
            )

    return check


def at_least_one(*names: str) -> Rule:
    """Require one of some arguments."""

    def check(config: Values) -> Iterator[Problem]:
        if all(config.get(name) is None for name in names):
            yield Problem("Missing Attribute Configuration", f"one of {', '.join(names)} is needed")

    return check


def json_object(name: str) -> Rule:
    """Require JSON that holds an object."""

    def check(config: Values) -> Iterator[Problem]:
        text = config.get(name)
        if not isinstance(text, str):
            return
        try:
            document = json.loads(text)
        except ValueError as error:
            yield Problem(f'"{name}" contains an invalid JSON policy: {error}', path=(name,))
            return
        if not isinstance(document, dict):
            yield Problem(
                f'"{name}" contains an invalid JSON policy: not a JSON object', path=(name,)
            )

    return check


def pattern(name: str, expression: str, words: str) -> Rule:
    """Require a text to match."""

    def check(config: Values) -> Iterator[Problem]:
        text = config.get(name)
        if isinstance(text, str) and not re.fullmatch(expression, text, re.ASCII):
            yield Problem(f"invalid value for {name} ({words})", path=(name,))

    return check


def length(name: str, least: int, most: int) -> Rule:
    """Require a length within limits."""

    def check(config: Values) -> Iterator[Problem]:
        text = config.get(name)
        if isinstance(text, str) and not least <= len(text) <= most:
            yield Problem(
                f"expected length of {name} to be in the range ({least} - {most}), got {text}",
                path=(name,),
            )

    return check


def one_of(name: str, words: Sequence[str]) -> Rule:
    """Require one of some words, in an argument or in each member of a set."""

    def check(config: Values) -> Iterator[Problem]:
        given = config.get(name)
        for word in given if isinstance(given, list) else [given]:
            if isinstance(word, str) and word not in words:
                yield Problem(
                    f"expected {name} to be one of {list(words)}, got {word}", path=(name,)
                )

    return check


def numbers(name: str, words: str, accepts: Callable[[float], bool]) -> Rule:
    """Require a number that some test accepts."""

    def check(config: Values) -> Iterator[Problem]:
        number = config.get(name)
        if isinstance(number, int | float) and not accepts(number):
            yield Problem(f"expected {name} to be {words}, got {number:g}", path=(name,))

    return check


def encryption(*kinds: str) -> Rule:
    """Require a known type in the block `encryption_configuration`."""

    def check(config: Values) -> Iterator[Problem]:
        blocks = config.get("encryption_configuration")
        for index, block in enumerate(blocks if isinstance(blocks, list) else []):
            kind = block.get("encryption_type") if isinstance(block, dict) else None
            if isinstance(kind, str) and kind not in kinds:
                yield Problem(
                    f"expected encryption_type to be one of {list(kinds)}, got {kind}",
                    path=("encryption_configuration", index, "encryption_type"),
                )

    return check


def account_setting(config: Values) -> Iterator[Problem]:
    """Require a value that fits the name of an ECR account setting."""
    name, value = config.get("name"), config.get("value")
    if not isinstance(name, str):
        return
    if name not in ACCOUNT_SETTINGS:
        yield Problem(
            "Invalid Attribute Value Match",
            f"Attribute name value must be one of: {sorted(ACCOUNT_SETTINGS)}, got: {name}",
            ("name",),
        )
    elif isinstance(value, str) and value not in ACCOUNT_SETTINGS[name]:
        yield Problem(
            "Invalid Attribute Value Match",
            f"Attribute value value must be one of: {list(ACCOUNT_SETTINGS[name])}, got: {value}",
            ("value",),
        )


def statement_effects(config: Values) -> Iterator[Problem]:
    """Refuse a policy statement with an effect that IAM does not know."""
    for index, block in enumerate(config.get("statement") or []):
        effect = block.get("effect") if isinstance(block, dict) and is_known(block) else None
        if effect not in (None, "Allow", "Deny"):
            yield Problem(
                f"expected effect to be one of ['Allow', 'Deny'], got {effect}",
                path=("statement", index, "effect"),
            )


def secret_by_one_key(config: Values) -> Iterator[Problem]:
    """Require exactly one of `arn` and `name` to look a secret up."""
    given = [key for key in ("arn", "name") if config.get(key) is not None]
    if len(given) != 1 and UNKNOWN not in (config.get("arn"), config.get("name")):
        yield Problem("Invalid combination of arguments", "one of arn or name must be given")


NAMES = conflict("name", "name_prefix")
PREFIX_WORDS = (
    "must only include alphanumeric, underscore, period, hyphen, or slash characters, or be ROOT"
)
DURATION_WORDS = "a number and a unit: ms, s, m or h"
RULES: Mapping[tuple[str, str], tuple[Rule, ...]] = {
    ("resource", "aws_ecr_pull_through_cache_rule"): (
        length("ecr_repository_prefix", 2, 30),
        pattern("ecr_repository_prefix", REPOSITORY_PREFIX, PREFIX_WORDS),
        length("upstream_repository_prefix", 2, 30),
        pattern("upstream_repository_prefix", REPOSITORY_PREFIX, PREFIX_WORDS),
        pattern("credential_arn", ARN, "is an invalid ARN"),
        pattern("custom_role_arn", ARN, "is an invalid ARN"),
    ),
    ("resource", "aws_ecr_registry_policy"): (json_object("policy"),),
    ("resource", "aws_ecr_repository_creation_template"): (
        length("prefix", 2, 256),
        length("description", 0, 255),
        one_of("applied_for", ("PULL_THROUGH_CACHE", "REPLICATION", "CREATE_ON_PUSH")),
        one_of("image_tag_mutability", MUTABILITY),
        encryption("AES256", "KMS", "KMS_DSSE"),
        json_object("repository_policy"),
        json_object("lifecycle_policy"),
        pattern("custom_role_arn", ARN, "is an invalid ARN"),
    ),
    ("resource", "aws_ecr_account_setting"): (account_setting,),
    ("resource", "aws_ecr_repository"): (
        one_of("image_tag_mutability", MUTABILITY),
        encryption("AES256", "KMS", "KMS_DSSE"),
    ),
    ("resource", "aws_ecr_repository_policy"): (json_object("policy"),),
    ("resource", "aws_ecr_lifecycle_policy"): (json_object("policy"),),
    ("resource", "aws_secretsmanager_secret"): (
        NAMES,
        length("name", 1, 512),
        pattern("name", SECRET_NAME, "must contain only alphanumeric and /_+=.@- characters"),
        json_object("policy"),
        numbers(
            "recovery_window_in_days",
            "0 or in the range (7 - 30)",
            lambda n: n == 0 or 7 <= n <= 30,
        ),
    ),
    ("resource", "aws_secretsmanager_secret_version"): (
        conflict("secret_string", "secret_string_wo", "secret_binary"),
        together("secret_string_wo", "secret_string_wo_version"),
        together("secret_string_wo_version", "secret_string_wo"),
    ),
    ("resource", "aws_iam_role"): (
        NAMES,
        length("name", 1, 64),
        pattern("name", ROLE_NAME, "must match [\\w+=,.@-]"),
        pattern("path", r"/|/[\x21-\x7e]+/", "must begin and end with /"),
        json_object("assume_role_policy"),
        numbers(
            "max_session_duration", "in the range (3600 - 43200)", lambda n: 3600 <= n <= 43200
        ),
        pattern("permissions_boundary", ARN, "is an invalid ARN"),
    ),
    ("resource", "aws_iam_role_policy"): (
        NAMES,
        length("name", 1, 128),
        pattern("name", ROLE_NAME, "must match [\\w+=,.@-]"),
        json_object("policy"),
    ),
    ("resource", "aws_iam_policy"): (
        NAMES,
        length("name", 1, 128),
        pattern("name", ROLE_NAME, "must match [\\w+=,.@-]"),
        json_object("policy"),
    ),
    ("resource", "aws_iam_role_policy_attachment"): (
        pattern("policy_arn", ARN, "is an invalid ARN"),
    ),
    ("resource", "aws_kms_key"): (
        json_object("policy"),
        numbers("deletion_window_in_days", "in the range (7 - 30)", lambda n: 7 <= n <= 30),
    ),
    ("resource", "aws_kms_alias"): (
        NAMES,
        pattern("name", r"alias/[a-zA-Z0-9/_-]+", "must begin with alias/"),
    ),
    ("resource", "time_sleep"): (
        at_least_one("create_duration", "destroy_duration"),
        pattern("create_duration", r"\d+(\.\d+)?(ms|s|m|h)", DURATION_WORDS),
        pattern("destroy_duration", r"\d+(\.\d+)?(ms|s|m|h)", DURATION_WORDS),
    ),
    ("data", "aws_iam_policy_document"): (statement_effects,),
    ("data", "aws_secretsmanager_secret"): (secret_by_one_key,),
}


def configuration_problems(kind: str, type_name: str, config: Values) -> Iterator[Problem]:
    """Say what is wrong with the configuration of a `resource`, `data` source or `ephemeral` one."""
    for rule in RULES.get((kind, type_name), ()):
        yield from rule(config)
