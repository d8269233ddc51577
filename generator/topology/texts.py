"""The single texts of a topology: account ids, regions, prefixes, role names, secret names."""

import re
from collections.abc import Callable
from datetime import date

from generator.data.aws_data import (
    organization_id_pattern,
    organization_path_pattern,
    permission_set_name,
    prefix_pattern,
    secret_name_pattern,
)
from generator.model.errors import InvalidValueError
from generator.model.values import (
    ALIAS,
    MAX_TEMPLATE_PREFIX,
    ROOT,
    AccountId,
    Prefix,
    Region,
    all_regions,
)
from generator.topology.mistakes import (
    INVALID_VALUE,
    PREFIX,
    SECRET_NAME,
    SERVICE_AS_CONSUMER,
    UNKNOWN_REGION,
    MistakeRule,
    quoted,
)
from generator.topology.shapes import Complaint, TextShape

SECRET_PREFIX = "ecr-pullthroughcache/"  # noqa: S105 - the start of a name, not a secret
"""How the name of every secret begins that ECR may read."""

RESERVED_ACCOUNT_NAMES = ("handover", "modules")
"""Folder names that `generate` needs for itself beside the accounts' folders."""

SAME = "same"
"""The region of an ECR upstream that follows the registry that caches."""

NONE = "none"
"""The word for no creation template at all."""

_NAME = "[a-z][a-z0-9-]*"
_ROLE_CHARACTERS = "A-Za-z0-9_+=,.@*?-"
_ROLE = f"[{_ROLE_CHARACTERS}]+(?:/[{_ROLE_CHARACTERS}]+)*"
_SOURCE_ARN = (
    r"arn:(?:\{partition\}|aws[a-z-]*):secretsmanager:(?:\{region\}|[a-z0-9-]+):"
    r"(?:\{account_id\}|[0-9]{12}):secret:[A-Za-z0-9/_+=.@-]+"
)
_KMS_KEY = (
    r"arn:(?:\{partition\}|aws[a-z-]*):kms:(?:\{region\}|[a-z0-9-]+):"
    r"(?:\{account_id\}|[0-9]{12}):key/[a-z0-9-]+"
)
_KMS_ALIAS = "alias/[A-Za-z0-9/_-]+"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_VARIABLE = "[a-z][a-z0-9_]*"
# Arguments of a module call, which Terraform refuses as names of variables.
_RESERVED_VARIABLES = frozenset(
    {"source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"}
)
_CONSTRAINT = r"(?:(?:=|!=|>|>=|<|<=|~>) *)?[0-9]+(?:\.[0-9]+){0,2}(?:-[0-9A-Za-z.-]+)?"


def _by_pattern(
    pattern: str, reason: str, *, rule: MistakeRule = INVALID_VALUE
) -> Callable[[str], Complaint | None]:
    def check(text: str) -> Complaint | None:
        if re.fullmatch(pattern, text):
            return None
        return Complaint(rule=rule, reason=f"{quoted(text)} is not possible here: {reason}")

    return check


def _by_parsing(
    parse: Callable[[str], object], *, rule: MistakeRule, fix: str = ""
) -> Callable[[str], Complaint | None]:
    def check(text: str) -> Complaint | None:
        try:
            parse(text)
        except InvalidValueError as error:
            # The parser's message begins with the text itself, which may not be fit to print.
            reason = str(error).replace(f"`{text}`", quoted(text), 1)
            return Complaint(rule=rule, reason=f"{reason}.{fix}")
        return None

    return check


_check_name = _by_pattern(
    _NAME,
    "a name begins with a lower-case letter and goes on with lower-case letters, digits and "
    "hyphens.",
)


def _check_account_name(text: str) -> Complaint | None:
    if text in RESERVED_ACCOUNT_NAMES:
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is the name of a folder that `generate` writes beside those of "
            "the accounts. Choose another name for the account.",
        )
    return _check_name(text)


def _check_prefix(text: str) -> Complaint | None:
    complaint = _by_parsing(Prefix.parse, rule=PREFIX)(text)
    if complaint is None or text == text.lower():
        return complaint
    better = ROOT if text.upper() == ROOT else text.lower()
    return Complaint(
        rule=PREFIX,
        reason=f"{complaint.reason} Upper case is only for the word ROOT: write {quoted(better)}.",
    )


def _check_role(text: str) -> Complaint | None:
    problem: str | None = None
    name = text.rpartition("/")[2]
    if text.startswith("arn:"):
        problem = "write the role's name (or `path/name`), not its ARN: the account is known."
    elif text.startswith("/") or text.endswith("/") or "//" in text:
        problem = "a role is `name` or `path/name`, without a slash at either end."
    elif not re.fullmatch(_ROLE, text):
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
    """What is wrong with the name of an AWS service in the place of somebody who pulls."""
    if not text.endswith((".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu")):
        return None
    return Complaint(
        rule=SERVICE_AS_CONSUMER,
        reason=f"{quoted(text)} is a service. ECS, EKS and CodeBuild pull with a role: name "
        "that role. Lambda cannot use a pull-through cache.",
    )


def _check_template_prefix(text: str) -> Complaint | None:
    return _by_parsing(Prefix.parse_of_template, rule=PREFIX)(text)


def _check_role_name(text: str) -> Complaint | None:
    if re.search(r"[*?]", text):
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is not possible here: ECR assumes one role, so write its exact "
            "name, or `path/name`.",
        )
    return _check_role(text)


def _check_template_name(text: str) -> Complaint | None:
    if text == NONE:
        return Complaint(
            rule=INVALID_VALUE,
            reason="`none` is the word for no template. Choose another name.",
        )
    return _check_name(text)


def _check_kms_key(text: str) -> Complaint | None:
    problem: str | None = None
    if text.startswith("alias/aws/"):
        problem = "this is a key of AWS. For the one of ECR write `encryption: KMS`."
    elif text.startswith(ALIAS) and not re.fullmatch(_KMS_ALIAS, text):
        problem = "an alias is `alias/` and letters, digits and `/_-`."
    elif text.startswith("arn:") and ":alias/" in text:
        problem = (
            "an alias is written without its ARN, and means the one in the account and region of "
            f"each registry. Write {quoted(text[text.index(':alias/') + 1 :])}."
        )
    if problem is not None:
        return Complaint(
            rule=INVALID_VALUE, reason=f"{quoted(text)} is not possible here: {problem}"
        )
    if text.startswith(ALIAS):
        return None
    if not re.fullmatch(_KMS_KEY, text):
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is not possible here: a key is an alias such as `alias/ecr`, or "
            "an ARN such as "
            "`arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab`. The "
            "ARN may hold `{partition}`, `{region}` and `{account_id}` in their places.",
        )
    region = text.split(":")[3]
    return None if region == "{region}" else REGION.check(region)


def _check_tag(text: str) -> Complaint | None:
    problem: str | None = None
    if text.lower().startswith("aws:"):
        problem = "AWS keeps tags that begin with `aws:` for itself."
    elif not all(letter.isalnum() or letter in " _.:/=+-@" for letter in text):
        problem = "a tag has letters, digits, spaces and `_.:/=+-@`."
    if problem is None:
        return None
    return Complaint(rule=INVALID_VALUE, reason=f"{quoted(text)} is not possible here: {problem}")


def _check_secret(text: str) -> Complaint | None:
    limit = secret_name_pattern().maximum
    problem: str | None = None
    if text.startswith("arn:"):
        problem = (
            "write the secret's name, not its ARN. An ARN ends in six characters that nobody knows "
            "before the secret exists."
        )
    elif not text.startswith(SECRET_PREFIX):
        near = text.rpartition("/")[2]
        better = f"{SECRET_PREFIX}{near}" if re.fullmatch("[A-Za-z0-9_+=.@-]+", near) else ""
        problem = f"ECR reads only secrets whose name begins with `{SECRET_PREFIX}`." + (
            f" Write {quoted(better)}." if better else ""
        )
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
    return Complaint(rule=SECRET_NAME, reason=f"{quoted(text)} is not possible here: {problem}")


def _check_secret_arn(text: str) -> Complaint | None:
    if not re.fullmatch(_SOURCE_ARN, text):
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is not possible here: the ARN of a secret looks like "
            "`arn:aws:secretsmanager:eu-west-1:111122223333:secret:tokens/hub-a1b2c3`. It may hold "
            "`{partition}`, `{region}` and `{account_id}` in their places.",
        )
    partition, region = text.split(":")[1], text.split(":")[3]
    if region == "{region}":
        return None
    complaint = REGION.check(region)
    if complaint is not None:
        return complaint
    actual = Region.parse(region).aws_partition.id
    if partition not in {"{partition}", actual}:
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is not possible here: {region} lies in the partition "
            f"`{actual}`, not in `{partition}`.",
        )
    return None


def _check_date(text: str) -> Complaint | None:
    try:
        if re.fullmatch(_DATE, text):
            date.fromisoformat(text)
            return None
    except ValueError:
        pass
    return Complaint(
        rule=INVALID_VALUE,
        reason=f"{quoted(text)} is not a day of the calendar: write year, month and day, such as "
        "`2027-01-31`.",
    )


def _check_include(text: str) -> Complaint | None:
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


def _check_variable(text: str) -> Complaint | None:
    if text in _RESERVED_VARIABLES:
        return Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is not possible here: Terraform keeps this name for itself. "
            "Choose another.",
        )
    return _by_pattern(
        _VARIABLE,
        "the name of a variable begins with a lower-case letter and goes on with lower-case "
        "letters, digits and underscores.",
    )(text)


def _check_layout(text: str) -> Complaint | None:
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


def _check_organization_path(text: str) -> Complaint | None:
    problem: str | None = None
    if re.fullmatch(organization_path_pattern().removesuffix("/)+") + ")(?:/.*)?", text) is None:
        problem = (
            "the path of a unit is the ids of the organization, the root and each unit down to it, "
            "with a slash behind each: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`. The whole "
            "organization needs no path: grant to `{organization: true}`."
        )
    elif not text.endswith("/"):
        problem = (
            "every id in a path has a slash behind it, the last one too; without it, units whose "
            f"ids begin alike would be meant as well. Write {quoted(text + '/')}."
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
    return Complaint(rule=INVALID_VALUE, reason=f"{quoted(text)} is not possible here: {problem}")


def _check_permission_set(text: str) -> Complaint | None:
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


def _reference(noun: str, example: str) -> TextShape:
    """A name that must be declared elsewhere, which says more than any pattern."""
    return TextShape(noun=noun, example=example, pattern=_NAME, check=lambda _: None, maximum=63)


ACCOUNT_ID = TextShape(
    noun="an account id",
    example='"111122223333"',
    pattern="[0-9]{12}",
    check=_by_parsing(AccountId.parse, rule=INVALID_VALUE),
    minimum=12,
    maximum=12,
    may_look_like_number=True,
)
ACCOUNT_NAME = TextShape(
    noun="a name for an account",
    example="platform",
    pattern=_NAME,
    check=_check_account_name,
    maximum=63,
)
NAME = TextShape(noun="a name", example="central", pattern=_NAME, check=_check_name, maximum=63)
ACCOUNT = _reference("an account's name", "platform")
CONSUMER = TextShape(
    noun="a consumer's name",
    example="shop-nodes",
    pattern=_NAME,
    check=check_service,
    maximum=63,
)
UNIT = _reference("a unit's name", "workloads")
TEMPLATE = _reference("a creation template's name, or `none`", "standard")
TEMPLATE_NAME = TextShape(
    noun="a name for a creation template",
    example="standard",
    pattern=_NAME,
    check=_check_template_name,
    maximum=63,
)
UPSTREAM = _reference("an upstream's name", "base-images")
REGION = TextShape(
    noun="a region",
    example="eu-west-1",
    pattern="[a-z0-9-]+",
    check=_by_parsing(Region.parse, rule=UNKNOWN_REGION),
    maximum=64,
    candidates=all_regions,
    is_closed=True,
)
REGION_OR_SAME = TextShape(
    noun="a region or the word `same`",
    example="eu-west-1",
    pattern="[a-z0-9-]+",
    check=lambda text: None if text == SAME else REGION.check(text),
    maximum=64,
    candidates=lambda: (SAME, *all_regions()),
    is_closed=True,
)
PREFIX_TEXT = TextShape(
    noun="a repository prefix",
    example="docker-hub",
    pattern=prefix_pattern().pattern.removeprefix("^").removesuffix("$"),
    check=_check_prefix,
    minimum=prefix_pattern().minimum,
    maximum=prefix_pattern().maximum,
    may_look_like_number=True,
)
TEMPLATE_PREFIX = TextShape(
    noun="a repository prefix",
    example="docker-hub",
    pattern=PREFIX_TEXT.pattern,
    check=_check_template_prefix,
    minimum=2,
    maximum=MAX_TEMPLATE_PREFIX,
    may_look_like_number=True,
)
ROLE_NAME = TextShape(
    noun="a role's name, or `path/name`",
    example="ecr-templates",
    pattern=_ROLE,
    check=_check_role_name,
    maximum=576,
    may_look_like_number=True,
)
KMS_KEY = TextShape(
    noun="a key's alias or ARN",
    example="alias/ecr",
    pattern=f"{_KMS_ALIAS}|{_KMS_KEY}",
    check=_check_kms_key,
    maximum=2048,
)
TAG_KEY = TextShape(
    noun="a tag's name",
    example="managed-by",
    pattern="[^\n]+",
    check=_check_tag,
    maximum=128,
    may_look_like_number=True,
)
TAG_VALUE = TextShape(
    noun="a tag's value",
    example="forebay",
    pattern="[^\n]+",
    check=_check_tag,
    maximum=256,
    may_look_like_number=True,
)
ROLE = TextShape(
    noun="a role's name, `path/name` or a pattern of them",
    example='"eks-node-*"',
    pattern=_ROLE,
    check=_check_role,
    maximum=576,
    may_look_like_number=True,
)
SECRET = TextShape(
    noun="a secret's name",
    example=f"{SECRET_PREFIX}docker-hub",
    pattern=f"{SECRET_PREFIX}[A-Za-z0-9/_+=.@-]+",
    check=_check_secret,
    maximum=secret_name_pattern().maximum,
)
POLICY_FILE = TextShape(
    noun="the path of a JSON file",
    example="policies/platform.json",
    pattern=r"[^\\]+",
    check=_by_pattern(
        r"[^\\\x00-\x1f]+", "write a path with `/`, relative to the topology's folder."
    ),
    maximum=1000,
    may_look_like_number=True,
)
INCLUDE = TextShape(
    noun="the path of a YAML file, or a pattern of such paths",
    example="teams/*.yaml",
    pattern=r"[^\\]+",
    check=_check_include,
    maximum=1000,
    may_look_like_number=True,
)
SECRET_ARN = TextShape(
    noun="a secret's ARN",
    example='"arn:aws:secretsmanager:eu-west-1:111122223333:secret:tokens/hub-a1b2c3"',
    pattern=_SOURCE_ARN,
    check=_check_secret_arn,
    maximum=640,
)
DATE = TextShape(
    noun="a day",
    example="2027-01-31",
    pattern=_DATE,
    check=_check_date,
    minimum=10,
    maximum=10,
)
VARIABLE = TextShape(
    noun="a variable's name",
    example="docker_hub",
    pattern=_VARIABLE,
    check=_check_variable,
    maximum=128,
)
HOST = TextShape(
    noun="a host name",
    example="acme.azurecr.io",
    pattern=r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?",
    check=_by_pattern(
        r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?",
        "write the host name alone, in lower case, without `https://` and without a path.",
    ),
    maximum=253,
    may_look_like_number=True,
)
ORGANIZATION_ID = TextShape(
    noun="an organization's id",
    example="o-a1b2c3d4e5",
    pattern=organization_id_pattern(),
    check=_by_pattern(
        organization_id_pattern(),
        "the id of an organization looks like `o-a1b2c3d4e5`: 10 to 32 lower-case letters and "
        "digits behind `o-`.",
    ),
    maximum=34,
)
ORGANIZATION_PATH = TextShape(
    noun="the path of a unit",
    example="o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/",
    pattern=organization_path_pattern(),
    check=_check_organization_path,
    maximum=1024,
)
PERMISSION_SET = TextShape(
    noun="a permission set's name",
    example="Developer",
    pattern=permission_set_name().pattern,
    check=_check_permission_set,
    maximum=permission_set_name().maximum,
    may_look_like_number=True,
)
NAME_PREFIX = TextShape(
    noun="the beginning of a name",
    example="forebay-",
    pattern="[A-Za-z0-9_+=,.@-]+",
    check=_by_pattern("[A-Za-z0-9_+=,.@-]+", "names in IAM have letters, digits and `_+=,.@-`."),
    maximum=32,
    may_look_like_number=True,
)
IAM_PATH = TextShape(
    noun="the path of roles and policies",
    example="/ecr/",
    pattern=r"/(?:[A-Za-z0-9_+=,.@-]+/)*",
    check=_by_pattern(
        r"/(?:[A-Za-z0-9_+=,.@-]+/)*",
        "a path in IAM begins and ends with `/`, such as `/ecr/` or `/`.",
    ),
    maximum=512,
)
BOUNDARY = TextShape(
    noun="a policy's ARN",
    example='"arn:{partition}:iam::{account_id}:policy/boundary"',
    pattern=r"arn:(\{partition\}|aws[a-z-]*):iam::(\{account_id\}|[0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+",
    check=_by_pattern(
        r"arn:(?:\{partition\}|aws[a-z-]*):iam::(?:\{account_id\}|[0-9]{12}|aws):policy/"
        r"(?:[A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}",
        "the ARN of a policy looks like `arn:{partition}:iam::{account_id}:policy/boundary`, and "
        "those two words in braces are the only ones it takes.",
    ),
    maximum=700,
)
REPOSITORIES = TextShape(
    noun="a repository's name, or a pattern of names",
    example='"docker-hub/library/*"',
    pattern=r"[a-z0-9*?][a-z0-9._/*?-]*",
    check=_by_pattern(
        r"[a-z0-9*?][a-z0-9._/*?-]*",
        "names of repositories have lower-case letters, digits and `._-/`; `*` and `?` match any "
        "characters, `/` as well.",
    ),
    maximum=256,
    may_look_like_number=True,
)
DURATION = TextShape(
    noun="a duration",
    example="15s",
    pattern="(0|[1-9][0-9]{0,3})[sm]",
    check=_by_pattern(
        "(?:0|[1-9][0-9]{0,3})[sm]",
        "write a whole number and its unit, `s` or `m`, such as `15s`; `0s` waits for nothing.",
    ),
    maximum=5,
)
CONSTRAINT = TextShape(
    noun="a version constraint",
    example='">= 6.50, < 7.0"',
    pattern=r"[0-9A-Za-z.,<>=!~ -]+",
    check=_by_pattern(
        rf" *{_CONSTRAINT} *(?:, *{_CONSTRAINT} *)*",
        "Terraform's version constraints look like `>= 6.50, < 7.0`.",
    ),
    maximum=100,
    may_look_like_number=True,
)
LAYOUT = TextShape(
    noun="a folder",
    example='"{account}"',
    pattern=r"[A-Za-z0-9_./{}-]+",
    check=_check_layout,
    maximum=200,
    may_look_like_number=True,
)
ASSUME_ROLE = TextShape(
    noun="a role's ARN",
    example='"arn:{partition}:iam::{account_id}:role/terraform"',
    pattern=r"arn:(\{partition\}|aws[a-z-]*):iam::(\{account_id\}|[0-9]{12}):role/[A-Za-z0-9_+=,.@/-]+",
    check=_by_pattern(
        r"arn:(?:\{partition\}|aws[a-z-]*):iam::(?:\{account_id\}|[0-9]{12}):role/"
        r"(?:[A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}",
        "the ARN of a role looks like `arn:{partition}:iam::{account_id}:role/terraform`, and those "
        "two words in braces are the only ones it takes.",
    ),
    maximum=700,
)
