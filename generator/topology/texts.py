"""The single texts of a topology: account ids, regions, prefixes, role names, secret names."""

from generator.data.aws_data import (
    organization_id_pattern,
    organization_path_pattern,
    permission_set_name,
    prefix_pattern,
    secret_name_pattern,
)
from generator.model.values import MAX_TEMPLATE_PREFIX, all_regions
from generator.topology.shapes import TextShape
from generator.topology.text_checks import (
    DAY,
    KEY_ALIAS,
    KEY_ARN,
    NAME_PATTERN,
    ROLE_PATTERN,
    SECRET_PREFIX,
    SOURCE_ARN,
    VARIABLE_PATTERN,
    by_pattern,
    check_account_id,
    check_account_name,
    check_code_folder,
    check_date,
    check_include,
    check_kms_key,
    check_layout,
    check_name,
    check_organization_path,
    check_permission_set,
    check_prefix,
    check_region,
    check_role,
    check_role_name,
    check_secret,
    check_secret_arn,
    check_service,
    check_tag,
    check_tag_filter,
    check_template_name,
    check_template_prefix,
    check_variable,
)

SAME = "same"
"""The region of an ECR upstream that follows the registry that caches."""
_RELEASE = r"(?:(?:=|!=|>|>=|<|<=|~>) *)?[0-9]+(?:\.[0-9]+){0,2}"
_CONSTRAINT = r"(?:(?:=|!=|>|>=|<|<=|~>) *)?[0-9]+(?:\.[0-9]+){0,2}(?:-[0-9A-Za-z.-]+)?"


def _reference(noun: str, example: str) -> TextShape:
    """A name that must be declared elsewhere, which says more than any pattern."""
    return TextShape(
        noun=noun, example=example, pattern=NAME_PATTERN, check=lambda _: None, maximum=63
    )


ACCOUNT_ID = TextShape(
    noun="an account id",
    example='"111122223333"',
    pattern="[0-9]{12}",
    check=check_account_id,
    minimum=12,
    maximum=12,
    may_look_like_number=True,
)
ACCOUNT_NAME = TextShape(
    noun="a name for an account",
    example="platform",
    pattern=NAME_PATTERN,
    check=check_account_name,
    maximum=63,
)
NAME = TextShape(
    noun="a name", example="central", pattern=NAME_PATTERN, check=check_name, maximum=63
)
ACCOUNT = _reference("an account's name", "platform")
CONSUMER = TextShape(
    noun="a consumer's name",
    example="shop-nodes",
    pattern=NAME_PATTERN,
    check=check_service,
    maximum=63,
)
UNIT = _reference("a unit's name", "workloads")
TEMPLATE = _reference("a creation template's name, or `none`", "standard")
TEMPLATE_NAME = TextShape(
    noun="a name for a creation template",
    example="standard",
    pattern=NAME_PATTERN,
    check=check_template_name,
    maximum=63,
)
UPSTREAM = _reference("an upstream's name", "base-images")
REGION = TextShape(
    noun="a region",
    example="eu-west-1",
    pattern="[a-z0-9-]+",
    check=check_region,
    maximum=64,
    candidates=all_regions,
    are_names=True,
    is_closed=True,
)
REGION_OR_SAME = TextShape(
    noun="a region or the word `same`",
    example="eu-west-1",
    pattern="[a-z0-9-]+",
    check=lambda text: None if text == SAME else check_region(text),
    maximum=64,
    candidates=lambda: (SAME, *all_regions()),
    are_names=True,
    is_closed=True,
)
PREFIX_TEXT = TextShape(
    noun="a repository prefix",
    example="docker-hub",
    pattern=prefix_pattern().pattern.removeprefix("^").removesuffix("$"),
    check=check_prefix,
    minimum=prefix_pattern().minimum,
    maximum=prefix_pattern().maximum,
    may_look_like_number=True,
)
TEMPLATE_PREFIX = TextShape(
    noun="a repository prefix",
    example="docker-hub",
    pattern=PREFIX_TEXT.pattern,
    check=check_template_prefix,
    minimum=2,
    maximum=MAX_TEMPLATE_PREFIX,
    may_look_like_number=True,
)
ROLE_NAME = TextShape(
    noun="a role's name, or `path/name`",
    example="ecr-templates",
    pattern=ROLE_PATTERN,
    check=check_role_name,
    maximum=576,
    may_look_like_number=True,
)
KMS_KEY = TextShape(
    noun="a key's alias or ARN",
    example="alias/ecr",
    pattern=f"{KEY_ALIAS}|{KEY_ARN}",
    check=check_kms_key,
    maximum=2048,
)
TAG_KEY = TextShape(
    noun="a tag's name",
    example="managed-by",
    pattern="[^\n]+",
    check=check_tag,
    maximum=128,
    may_look_like_number=True,
)
TAG_VALUE = TextShape(
    noun="a tag's value",
    example="forebay",
    pattern="[^\n]+",
    check=check_tag,
    maximum=256,
    may_look_like_number=True,
)
ROLE = TextShape(
    noun="a role's name, `path/name` or a pattern of them",
    example='"eks-node-*"',
    pattern=ROLE_PATTERN,
    check=check_role,
    maximum=576,
    may_look_like_number=True,
)
SECRET = TextShape(
    noun="a secret's name",
    example=f"{SECRET_PREFIX}docker-hub",
    pattern=f"{SECRET_PREFIX}[A-Za-z0-9/_+=.@-]+",
    check=check_secret,
    maximum=secret_name_pattern().maximum,
)
POLICY_FILE = TextShape(
    noun="the path of a JSON file",
    example="policies/platform.json",
    pattern=r"[^\\]+",
    check=by_pattern(
        r"[^\\\x00-\x1f]+", "write a path with `/`, relative to the topology's folder."
    ),
    maximum=1000,
    may_look_like_number=True,
)
INCLUDE = TextShape(
    noun="the path of a YAML file, or a pattern of such paths",
    example="teams/*.yaml",
    pattern=r"[^\\]+",
    check=check_include,
    maximum=1000,
    may_look_like_number=True,
)
SECRET_ARN = TextShape(
    noun="a secret's ARN",
    example='"arn:aws:secretsmanager:eu-west-1:111122223333:secret:tokens/hub-a1b2c3"',
    pattern=SOURCE_ARN,
    check=check_secret_arn,
    maximum=640,
)
DATE = TextShape(
    noun="a day",
    example="2027-01-31",
    pattern=DAY,
    check=check_date,
    minimum=10,
    maximum=10,
)
VARIABLE = TextShape(
    noun="a variable's name",
    example="docker_hub",
    pattern=VARIABLE_PATTERN,
    check=check_variable,
    maximum=128,
)
HOST = TextShape(
    noun="a host name",
    example="acme.azurecr.io",
    pattern=r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?",
    check=by_pattern(
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
    check=by_pattern(
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
    check=check_organization_path,
    maximum=1024,
)
PERMISSION_SET = TextShape(
    noun="a permission set's name",
    example="Developer",
    pattern=permission_set_name().pattern,
    check=check_permission_set,
    maximum=permission_set_name().maximum,
    may_look_like_number=True,
)
NAME_PREFIX = TextShape(
    noun="the beginning of a name",
    example="forebay-",
    pattern="[A-Za-z0-9_+=,.@-]+",
    check=by_pattern("[A-Za-z0-9_+=,.@-]+", "names in IAM have letters, digits and `_+=,.@-`."),
    maximum=32,
    may_look_like_number=True,
)
IAM_PATH = TextShape(
    noun="the path of roles and policies",
    example="/ecr/",
    pattern=r"/(?:[A-Za-z0-9_+=,.@-]+/)*",
    check=by_pattern(
        r"/(?:[A-Za-z0-9_+=,.@-]+/)*",
        "a path in IAM begins and ends with `/`, such as `/ecr/` or `/`.",
    ),
    maximum=512,
)
BOUNDARY = TextShape(
    noun="a policy's ARN",
    example='"arn:{partition}:iam::{account_id}:policy/boundary"',
    pattern=r"arn:(\{partition\}|aws[a-z-]*):iam::(\{account_id\}|[0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+",
    check=by_pattern(
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
    check=by_pattern(
        r"[a-z0-9*?][a-z0-9._/*?-]*",
        "names of repositories have lower-case letters, digits and `._-/`; `*` and `?` match any "
        "characters, `/` as well.",
    ),
    maximum=256,
    may_look_like_number=True,
)
PULLER = TextShape(
    noun="who pulls",
    example="shop-nodes",
    pattern=r"[^\s]+",
    check=by_pattern(
        r"\S+",
        "it is the name of a consumer, `ACCOUNT/ROLE`, the ARN of a role, or an account.",
    ),
    maximum=700,
    may_look_like_number=True,
)
IMAGE = TextShape(
    noun="an image, a repository of a cache, or a pattern of those",
    example='"docker-hub/library/*"',
    pattern=r"[^\s]+",
    check=by_pattern(r"\S+", "the name of an image is one word."),
    maximum=512,
    may_look_like_number=True,
)
REGISTRY_PLACE = TextShape(
    noun="a registry",
    example="main/eu-west-1",
    pattern=r"[^\s/]+/[a-z0-9-]+",
    check=by_pattern(r"[^\s/]+/[a-z0-9-]+", "a registry is `ACCOUNT/REGION`."),
    maximum=128,
)
TAG_FILTER = TextShape(
    noun="a filter of tags",
    example='"dev-*"',
    pattern=r"[0-9A-Za-z._-]*(\*[0-9A-Za-z._-]*){0,2}",
    check=check_tag_filter,
    maximum=128,
    may_look_like_number=True,
)
DURATION = TextShape(
    noun="a duration",
    example="15s",
    pattern="(0|[1-9][0-9]{0,3})[sm]",
    check=by_pattern(
        "(?:0|[1-9][0-9]{0,3})[sm]",
        "write a whole number and its unit, `s` or `m`, such as `15s`; `0s` waits for nothing.",
    ),
    maximum=5,
)
CONSTRAINT = TextShape(
    noun="a version constraint",
    example='">= 6.50, < 7.0"',
    pattern=r"[0-9A-Za-z.,<>=!~ -]+",
    check=by_pattern(
        rf" *{_CONSTRAINT} *(?:, *{_CONSTRAINT} *)*",
        "Terraform's version constraints look like `>= 6.50, < 7.0`.",
    ),
    maximum=100,
    may_look_like_number=True,
)
FOREBAY_CONSTRAINT = TextShape(
    noun="a version constraint",
    example='">= 0.2, < 0.3"',
    pattern=r"[0-9.,<>=!~ ]+",
    check=by_pattern(
        rf" *{_RELEASE} *(?:, *{_RELEASE} *)*",
        "write a version constraint as in Terraform, such as `>= 0.2, < 0.3`.",
    ),
    maximum=100,
    may_look_like_number=True,
)
LAYOUT = TextShape(
    noun="a folder",
    example='"{account}"',
    pattern=r"[A-Za-z0-9_./{}-]+",
    check=check_layout,
    maximum=200,
    may_look_like_number=True,
)
CODE_FOLDER = TextShape(
    noun="a folder",
    example="live/shop",
    pattern=r"[A-Za-z0-9_./-]+",
    check=check_code_folder,
    maximum=200,
    may_look_like_number=True,
)
ASSUME_ROLE = TextShape(
    noun="a role's ARN",
    example='"arn:{partition}:iam::{account_id}:role/terraform"',
    pattern=r"arn:(\{partition\}|aws[a-z-]*):iam::(\{account_id\}|[0-9]{12}):role/[A-Za-z0-9_+=,.@/-]+",
    check=by_pattern(
        r"arn:(?:\{partition\}|aws[a-z-]*):iam::(?:\{account_id\}|[0-9]{12}):role/"
        r"(?:[A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}",
        "the ARN of a role looks like `arn:{partition}:iam::{account_id}:role/terraform`, and those "
        "two words in braces are the only ones it takes.",
    ),
    maximum=700,
)
