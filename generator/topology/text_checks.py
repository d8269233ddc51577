"""What is wrong with a single text of a topology, and what to write in its place."""

import re
from collections.abc import Callable
from datetime import date

from generator.data.aws_data import (
    organization_path_pattern,
    permission_set_name,
    secret_name_pattern,
)
from generator.model.errors import InvalidValueError
from generator.model.quotes import quoted
from generator.model.values import ALIAS, ROOT, AccountId, Prefix, Region
from generator.topology.mistakes import (
    INVALID_VALUE,
    PREFIX,
    SECRET_NAME,
    SERVICE_AS_CONSUMER,
    UNKNOWN_REGION,
    MistakeRule,
)
from generator.topology.shapes import Complaint

SECRET_PREFIX = "ecr-pullthroughcache/"  # noqa: S105 - the start of a name, not a secret
"""How the name of every secret begins that ECR may read."""

RESERVED_ACCOUNT_NAMES = ("handover", "modules")
"""Folder names that `generate` needs for itself beside the accounts' folders."""

MAX_TAG_FILTERS = 5
"""The most filters of tags that a repository takes."""

MAX_ASTERISKS = 2
"""The most asterisks in a filter of tags."""

NONE = "none"
"""The word for no creation template at all."""

NAME_PATTERN = "[a-z][a-z0-9-]*"
"""A name that the topology gives."""
_ROLE_CHARACTERS = "A-Za-z0-9_+=,.@*?-"
ROLE_PATTERN = f"[{_ROLE_CHARACTERS}]+(?:/[{_ROLE_CHARACTERS}]+)*"
"""A role's name or `path/name`, with `*` and `?`."""
SOURCE_ARN = (
    r"arn:(?:\{partition\}|aws[a-z-]*):secretsmanager:(?:\{region\}|[a-z0-9-]+):"
    r"(?:\{account_id\}|[0-9]{12}):secret:[A-Za-z0-9/_+=.@-]+"
)
"""The ARN of a secret, placeholders included."""
KEY_ARN = (
    r"arn:(?:\{partition\}|aws[a-z-]*):kms:(?:\{region\}|[a-z0-9-]+):"
    r"(?:\{account_id\}|[0-9]{12}):key/[a-z0-9-]+"
)
"""The ARN of a KMS key, placeholders included."""
KEY_ALIAS = "alias/[A-Za-z0-9/_-]+"
"""The alias of a KMS key."""
DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
"""A day, as `year-month-day`."""
VARIABLE_PATTERN = "[a-z][a-z0-9_]*"
"""The name of a Terraform variable."""
# Arguments of a module call, which Terraform refuses as names of variables.
_RESERVED_VARIABLES = frozenset(
    {"source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"}
)


def by_pattern(
    pattern: str, reason: str, *, rule: MistakeRule = INVALID_VALUE
) -> Callable[[str], Complaint | None]:
    """A check that refuses what a regular expression does not match, with the reason."""

    def check(text: str) -> Complaint | None:
        if re.fullmatch(pattern, text):
            return None
        return Complaint(rule=rule, reason=f"{quoted(text)} is not possible here: {reason}")

    return check


def by_parsing(
    parse: Callable[[str], object], *, rule: MistakeRule, fix: str = ""
) -> Callable[[str], Complaint | None]:
    """A check that refuses what cannot be parsed, with the parser's reason."""

    def check(text: str) -> Complaint | None:
        try:
            parse(text)
        except InvalidValueError as error:
            # The parser's message begins with the text itself, which may not be fit to print.
            reason = str(error).replace(f"`{text}`", quoted(text), 1)
            return Complaint(rule=rule, reason=f"{reason}.{fix}")
        return None

    return check


def check_account_id(text: str) -> Complaint | None:
    """What is wrong with an account id."""
    complaint = by_parsing(AccountId.parse, rule=INVALID_VALUE)(text)
    # The console of AWS shows ids in groups of four digits.
    if complaint is None or not re.fullmatch(r"\d{4}[- ]\d{4}[- ]\d{4}", text, re.ASCII):
        return complaint
    better = re.sub("[- ]", "", text)
    return Complaint(
        rule=complaint.rule,
        reason=f"{complaint.reason} Write {quoted(better)}.",
        better=better,
    )


check_name = by_pattern(
    NAME_PATTERN,
    "a name begins with a lower-case letter and goes on with lower-case letters, digits and "
    "hyphens.",
)


def check_account_name(text: str) -> Complaint | None:
    """What is wrong with the name of an account."""
    if text in RESERVED_ACCOUNT_NAMES:
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is the name of a folder that `generate` writes beside those of "
            "the accounts. Choose another name for the account.",
        )
    return check_name(text)


def check_prefix(text: str) -> Complaint | None:
    """What is wrong with the repository prefix of a cache."""
    complaint = by_parsing(Prefix.parse, rule=PREFIX)(text)
    if complaint is None or text == text.lower():
        return complaint
    better = ROOT if text.upper() == ROOT else text.lower()
    return Complaint(
        rule=PREFIX,
        reason=f"{complaint.reason} Upper case is only for the word ROOT: write {quoted(better)}.",
        better=better,
    )


def check_role(text: str) -> Complaint | None:
    """What is wrong with a role's name, `path/name` or a pattern of them."""
    problem: str | None = None
    name = text.rpartition("/")[2]
    if text.startswith("arn:"):
        problem = "write the role's name (or `path/name`), not its ARN: the account is known."
    elif text.startswith("/") or text.endswith("/") or "//" in text:
        problem = "a role is `name` or `path/name`, without a slash at either end."
    elif not re.fullmatch(ROLE_PATTERN, text):
        problem = (
            "the name of a role has letters, digits and `_+=,.@-`; `/` ends a path, and `*` and "
            "`?` match any characters."
        )
    elif len(name) > 64 and not re.search(r"[*?]", name):
        problem = f"the name of a role has at most 64 characters, and this one has {len(name)}."
    elif len(text) > 512:
        problem = "the path of a role has at most 512 characters."
    if problem is not None:
        return Complaint(
            rule=INVALID_VALUE, reason=f"{quoted(text)} is not possible here: {problem}"
        )
    return check_service(text)


def check_service(text: str) -> Complaint | None:
    """What is wrong with the name of an AWS service in the place of a principal that pulls."""
    if not text.endswith((".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu")):
        return None
    return Complaint(
        rule=SERVICE_AS_CONSUMER,
        reason=f"{quoted(text)} is a service. ECS, EKS and CodeBuild pull with a role: name "
        "that role. Lambda cannot use a pull-through cache.",
    )


check_region = by_parsing(Region.parse, rule=UNKNOWN_REGION)


def check_template_prefix(text: str) -> Complaint | None:
    """What is wrong with the repository prefix of a creation template."""
    return by_parsing(Prefix.parse_of_template, rule=PREFIX)(text)


def check_role_name(text: str) -> Complaint | None:
    """What is wrong with the exact name of a role."""
    if re.search(r"[*?]", text):
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is not possible here: ECR assumes one role, so write its exact "
            "name, or `path/name`.",
        )
    return check_role(text)


def check_template_name(text: str) -> Complaint | None:
    """What is wrong with the name of a creation template."""
    if text == NONE:
        return Complaint(
            rule=INVALID_VALUE,
            reason="`none` is the word for no template. Choose another name.",
        )
    return check_name(text)


def check_kms_key(text: str) -> Complaint | None:
    """What is wrong with a KMS key, written as an alias or an ARN."""
    problem: str | None = None
    better: str | None = None
    if text.startswith("alias/aws/"):
        problem = "this is a key of AWS. For the one of ECR write `encryption: KMS`."
    elif text.startswith(ALIAS) and not re.fullmatch(KEY_ALIAS, text):
        problem = "an alias is `alias/` and letters, digits and `/_-`."
    elif text.startswith("arn:") and ":alias/" in text:
        alias = text[text.index(":alias/") + 1 :]
        problem = (
            "an alias is written without its ARN, and means the one in the account and region of "
            f"each registry. Write {quoted(alias)}."
        )
        # An ARN that names an account and a region may mean those alone.
        if text.split(":")[3:5] == ["{region}", "{account_id}"]:
            better = alias
    if problem is not None:
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is not possible here: {problem}",
            better=better,
        )
    if text.startswith(ALIAS):
        return None
    if not re.fullmatch(KEY_ARN, text):
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is not possible here: a key is an alias such as `alias/ecr`, or "
            "an ARN such as "
            "`arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab`. The "
            "ARN may hold `{partition}`, `{region}` and `{account_id}` in their places.",
        )
    region = text.split(":")[3]
    return None if region == "{region}" else check_region(region)


def check_tag(text: str) -> Complaint | None:
    """What is wrong with the key or the value of a tag."""
    problem: str | None = None
    if text.lower().startswith("aws:"):
        problem = "AWS keeps tags that begin with `aws:` for itself."
    elif not all(letter.isalnum() or letter in " _.:/=+-@" for letter in text):
        problem = "a tag has letters, digits, spaces and `_.:/=+-@`."
    if problem is None:
        return None
    return Complaint(rule=INVALID_VALUE, reason=f"{quoted(text)} is not possible here: {problem}")


def check_tag_filter(text: str) -> Complaint | None:
    """What is wrong with a filter of image tags.

    The API has the characters, the provider the number of asterisks.
    """
    problem: str | None = None
    if not re.fullmatch(r"[0-9a-zA-Z._*-]+", text):
        problem = "a filter of tags has letters, digits and `.`, `_`, `-`, `*`."
    elif text.count("*") > MAX_ASTERISKS:
        problem = (
            f"the AWS provider takes at most {MAX_ASTERISKS} `*` in a filter, and these are "
            f"{text.count('*')}."
        )
    if problem is None:
        return None
    return Complaint(rule=INVALID_VALUE, reason=f"{quoted(text)} is not possible here: {problem}")


def check_secret(text: str) -> Complaint | None:
    """What is wrong with the name of a secret that ECR is to read."""
    limit = secret_name_pattern().maximum
    problem: str | None = None
    better: str | None = None
    if text.startswith("arn:"):
        problem = (
            "write the secret's name, not its ARN. An ARN ends in six characters that nobody knows "
            "before the secret exists."
        )
    elif not text.startswith(SECRET_PREFIX):
        near = text.rpartition("/")[2]
        name = f"{SECRET_PREFIX}{near}" if re.fullmatch("[A-Za-z0-9_+=.@-]+", near) else ""
        problem = f"ECR reads only secrets whose name begins with `{SECRET_PREFIX}`." + (
            f" Write {quoted(name)}." if name else ""
        )
        # Of a path, somebody has to say which part is the name.
        better = name if name and near == text else None
    elif not re.fullmatch("[A-Za-z0-9/_+=.@-]+", text.removeprefix(SECRET_PREFIX)):
        problem = (
            f"after `{SECRET_PREFIX}` come one or more letters, digits and `/_+=.@-`, and nothing "
            "else."
        )
    elif len(text) > limit:
        problem = f"a secret's name has at most {limit} characters, and this one has {len(text)}."
    elif re.search("-[A-Za-z0-9]{6}$", text):
        problem = (
            "the name ends in a hyphen and six characters, just as every secret's ARN does, and "
            "Secrets Manager then finds the wrong secret by a part of its ARN. Choose another end."
        )
    if problem is None:
        return None
    return Complaint(
        rule=SECRET_NAME,
        reason=f"{quoted(text)} is not possible here: {problem}",
        better=better,
    )


def check_secret_arn(text: str) -> Complaint | None:
    """What is wrong with the ARN of a secret whose value is copied."""
    if not re.fullmatch(SOURCE_ARN, text):
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is not possible here: the ARN of a secret looks like "
            "`arn:aws:secretsmanager:eu-west-1:111122223333:secret:tokens/hub-a1b2c3`. It may hold "
            "`{partition}`, `{region}` and `{account_id}` in their places.",
        )
    partition, region = text.split(":")[1], text.split(":")[3]
    if region == "{region}":
        return None
    complaint = check_region(region)
    if complaint is not None:
        return complaint
    actual = Region.parse(region).aws_partition.id
    if partition not in {"{partition}", actual}:
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is not possible here: {region} lies in the partition "
            f"{quoted(actual)}, not in `{partition}`.",
        )
    return None


def check_date(text: str) -> Complaint | None:
    """What is wrong with a day."""
    try:
        if re.fullmatch(DAY, text):
            date.fromisoformat(text)
            return None
    except ValueError:
        pass
    return Complaint(
        rule=INVALID_VALUE,
        reason=f"{quoted(text)} is not a day of the calendar: write year, month and day, such as "
        "`2027-01-31`.",
    )


def check_include(text: str) -> Complaint | None:
    """What is wrong with the path of a file to include."""
    problem: str | None = None
    if not re.fullmatch(r"[^\\\x00-\x1f]+", text):
        problem = "write a path with `/`, relative to the topology's folder."
    elif text.startswith("/"):
        problem = "the path is relative to the topology's folder, so that every checkout has it."
    elif "**" in text:
        problem = "a pattern names one folder after another, such as `teams/*/*.yaml`."
    if problem is None:
        return None
    return Complaint(rule=INVALID_VALUE, reason=f"{quoted(text)} is not possible here: {problem}")


def check_variable(text: str) -> Complaint | None:
    """What is wrong with the name of a Terraform variable."""
    if text in _RESERVED_VARIABLES:
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is not possible here: Terraform keeps this name for itself. "
            "Choose another.",
        )
    return by_pattern(
        VARIABLE_PATTERN,
        "the name of a variable begins with a lower-case letter and goes on with lower-case "
        "letters, digits and underscores.",
    )(text)


def check_code_folder(text: str) -> Complaint | None:
    """What is wrong with the folder of a root module of other code."""
    segments = text.split("/")
    if text == "." or (not text.startswith("/") and not {"", ".", ".."} & {*segments}):
        return None
    return Complaint(
        rule=INVALID_VALUE,
        reason=f"{quoted(text)} is not possible here: name the folder of a root module as it lies below "
        "`--code`, such as `live/shop`, or `.` for that folder itself.",
    )


def check_layout(text: str) -> Complaint | None:
    """What is wrong with the folder of a root."""
    problem: str | None = None
    bare = re.sub(r"\{(?:account|account_id|partition)\}", "x", text)
    segments = bare.split("/")
    if "{" in bare or "}" in bare:
        problem = "it takes `{account}`, `{account_id}` and `{partition}`, and no other braces."
    elif text.startswith("/") or ".." in segments or "\\" in text or ":" in text:
        problem = "every folder lies below the output folder: no `..`, no `/` at the start."
    elif bare != "." and not all(
        re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?<!\.)", segment) for segment in segments
    ):
        problem = (
            "a folder's name has letters, digits and `._-`, does not begin or end with a dot (a "
            "hidden folder is not read as Terraform code) and is not empty."
        )
    elif text.split("/", maxsplit=1)[0].lower() in RESERVED_ACCOUNT_NAMES:
        problem = "`modules` and `handover` are folders that `generate` writes itself."
    if problem is None:
        return None
    return Complaint(rule=INVALID_VALUE, reason=f"{quoted(text)} is not possible here: {problem}")


def check_organization_path(text: str) -> Complaint | None:
    """What is wrong with the path of an organizational unit."""
    problem: str | None = None
    better: str | None = None
    if re.fullmatch(organization_path_pattern().removesuffix("/)+") + ")(?:/.*)?", text) is None:
        problem = (
            "the path of a unit is the ids of the organization, the root and each unit down to it, "
            "with a slash behind each: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`. The whole "
            "organization needs no path: grant to `{organization: true}`."
        )
    elif not text.endswith("/"):
        better = f"{text}/"
        problem = (
            "every id in a path has a slash behind it, the last one too; without it, units whose "
            f"ids begin alike would be meant as well. Write {quoted(better)}."
        )
    elif re.fullmatch(organization_path_pattern(), text) is None:
        problem = (
            "behind the root come ids of units, such as `ou-ab12-11111111`, with a slash behind "
            "each."
        )
    else:
        _, root, *units = text.removesuffix("/").split("/")
        strangers = [unit for unit in units if unit.split("-")[1] != root.removeprefix("r-")]
        if strangers:
            problem = (
                f"the unit {quoted(strangers[0])} belongs to another root than {quoted(root)}: the "
                "middle of a unit's id is that of its root."
            )
    if problem is None:
        return None
    return Complaint(
        rule=INVALID_VALUE,
        reason=f"{quoted(text)} is not possible here: {problem}",
        better=better,
    )


def check_permission_set(text: str) -> Complaint | None:
    """What is wrong with the name of a permission set."""
    limits = permission_set_name()
    problem: str | None = None
    if text.startswith(("arn:", "AWSReservedSSO_", "aws-reserved/")):
        problem = (
            "write the name of the permission set alone; the name and the path of its role follow "
            "from it."
        )
    elif re.fullmatch(limits.pattern, text, re.ASCII) is None:
        problem = "the name of a permission set has letters, digits and `_+=,.@-`."
    elif len(text) > limits.maximum:
        problem = (
            f"the name of a permission set has at most {limits.maximum} characters, and this one "
            f"has {len(text)}."
        )
    if problem is None:
        return None
    return Complaint(rule=INVALID_VALUE, reason=f"{quoted(text)} is not possible here: {problem}")
