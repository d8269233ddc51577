"""The fields of the `terraform` section, and the texts that only it has."""

import re
from typing import Final

from generator.data.provider_schema import assume_role_arguments
from generator.model.quotes import quoted
from generator.model.terraform_settings import ProviderBlock
from generator.topology import texts
from generator.topology.mistakes import INVALID_VALUE, SECRET_IN_TOPOLOGY
from generator.topology.shapes import (
    ArgumentShape,
    Complaint,
    EitherShape,
    Field,
    ListShape,
    MapShape,
    RecordShape,
    Shape,
    TextShape,
    WordShape,
)

DEFAULT_REQUIRED_VERSION: Final = ">= 1.11"
DEFAULT_AWS_PROVIDER: Final = ">= 6.50, < 7.0"
DEFAULT_TIME_PROVIDER: Final = ">= 0.12, < 1.0"
DEFAULT_LAYOUT: Final = "{account}"
VENDORED: Final = "vendored"

BACKEND_TYPES: Final = (
    "azurerm",
    "consul",
    "cos",
    "gcs",
    "http",
    "kubernetes",
    "local",
    "oci",
    "oss",
    "pg",
    "remote",
    "s3",
)
"""The backends to suggest for a misspelled one; Terraform and OpenTofu may know more."""


def _check_argument_text(text: str) -> Complaint | None:
    for word in re.findall(r"\{([A-Za-z_ -]*)\}", text):
        if word not in {"account", "account_id", "partition"}:
            return Complaint(
                rule=INVALID_VALUE,
                reason=f"{quoted(text)} is not possible here: of words in braces it takes "
                f"`{{account}}`, `{{account_id}}` and `{{partition}}`, not {quoted(f'{{{word}}}')}.",
            )
    return None


def _check_argument_name(text: str) -> Complaint | None:
    if re.fullmatch(_IDENTIFIER, text):
        return None
    return Complaint(
        rule=INVALID_VALUE,
        reason=f"{quoted(text)} is not possible here: the name of an argument of Terraform begins "
        "with a letter and goes on with letters, digits, underscores and hyphens.",
    )


def _check_backend_type(text: str) -> Complaint | None:
    problem: str | None = None
    if text in {"cloud", "hcp", "terraform-cloud"}:
        problem = (
            "HCP Terraform is no backend but a `cloud` block of its own. Leave `backend` out, and "
            "write that block into a file of your own beside the generated ones."
        )
    elif text == "inmem":
        problem = "this backend forgets the state when Terraform ends."
    elif not re.fullmatch("[a-z][a-z0-9_]*", text):
        problem = (
            "a backend is a word in lower case that Terraform knows, such as `s3`, `gcs`, "
            "`azurerm` or `local`."
        )
    if problem is None:
        return None
    return Complaint(rule=INVALID_VALUE, reason=f"{quoted(text)} is not possible here: {problem}")


def _check_modules(text: str) -> Complaint | None:
    if "sshkey=" in text or re.match("git::(?:https://[^/]*|[a-z]+://[^/]*:[^/]*)@", text):
        return Complaint(
            rule=SECRET_IN_TOPOLOGY,
            reason="a password, token or private key would be written into code. Leave it out, and "
            "let git find it by itself.",
        )
    problem = None if text == VENDORED else _problem_of_source(text)
    if problem is None:
        return None
    return Complaint(
        rule=INVALID_VALUE,
        reason=f"{quoted(text)} is not possible here: {problem} Write `vendored` for copies beside "
        "the roots, or something like `git::https://HOST/REPOSITORY.git//modules?ref=v1.2.0`.",
    )


def _problem_of_source(text: str) -> str | None:
    """Why a text is not the source of modules in a git repository."""
    if text.startswith((".", "/", "~")):
        return "a folder on this machine is not on the next one, and copies lie beside the roots."
    if not text.startswith("git::"):
        return (
            "the modules come from a git repository, which begins with `git::`. A registry has one "
            "address and version for each module, and these belong together."
        )
    address, question, query = text.removeprefix("git::").partition("?")
    scheme, colons, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    if not colons or scheme not in {"https", "ssh"}:
        return "the repository is reached by `https://` or `ssh://`, so that nobody changes it on the way."
    segments = path.split("/")
    inner = [segment for segment in segments if segment]
    doubled = [index for index, segment in enumerate(segments) if not segment and index]
    if not re.fullmatch(r"(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9.-]+(?::[0-9]+)?", host) or not slash:
        return "after `://` come the host, a slash and the repository."
    if not all(re.fullmatch("[A-Za-z0-9_.~+-]+", segment) for segment in inner) or ".." in inner:
        return "the path has letters, digits and `_.~+-`, and no `..`."
    if not segments[0] or len(doubled) > 1 or doubled == [len(segments) - 1]:
        return (
            "`//` parts the repository from the folder in it: it stands there once, with a name on "
            "either side."
        )
    return (
        _problem_of_query(query)
        if question
        else (
            "without `?ref=` every change of that repository would reach every account at once. Name a "
            "tag or a commit."
        )
    )


def _problem_of_query(query: str) -> str | None:
    names = [part.partition("=")[0] for part in query.split("&")]
    if sorted(names) not in (["ref"], ["depth", "ref"]):
        return "it has `ref=` once, `depth=` perhaps, and nothing else after the `?`."
    if not re.fullmatch(r"(?:ref=[A-Za-z0-9_.+/-]+|depth=[1-9][0-9]*)(?:&.*)?", query) or any(
        not re.fullmatch(r"ref=[A-Za-z0-9_.+/-]+|depth=[1-9][0-9]*", part)
        for part in query.split("&")
    ):
        return "`ref` is a tag, a branch or a commit, and `depth` a number."
    return None


_IDENTIFIER = "[A-Za-z][A-Za-z0-9_-]*"

ARGUMENT_TEXT = TextShape(
    noun="a text",
    example='"ecr/{account_id}.tfstate"',
    pattern=r"[^\x00]+",
    check=_check_argument_text,
    maximum=10_000,
    may_look_like_number=True,
)
_DURATION_TEXT = TextShape(
    noun="a duration",
    example="1h",
    pattern="[0-9.hmsnuµ]+",
    check=lambda text: (
        None
        if re.fullmatch(r"(?:[0-9]+(?:\.[0-9]+)?[hms])+", text)
        else Complaint(
            rule=INVALID_VALUE,
            reason=f"{quoted(text)} is not possible here: the provider takes durations such as `1h` or "
            "`15m`.",
        )
    ),
    maximum=20,
)
_ARGUMENT = ArgumentShape(
    noun="an argument for Terraform",
    example="true",
    key=TextShape(
        noun="the name of an argument",
        example="bucket",
        pattern=_IDENTIFIER,
        check=_check_argument_name,
        maximum=100,
    ),
    text=ARGUMENT_TEXT,
)


def _role_argument(name: str, kind: str) -> Field:
    """One argument of the provider's `assume_role` block."""
    shape: Shape = ARGUMENT_TEXT
    if name == "role_arn":
        shape = texts.ASSUME_ROLE
    elif name == "duration":
        shape = _DURATION_TEXT
    elif kind == "set":
        shape = ListShape(noun="a list of texts", example="[owner]", item=ARGUMENT_TEXT)
    elif kind == "map":
        shape = MapShape(
            noun="a mapping of texts",
            example="{owner: platform}",
            key=texts.TAG_KEY,
            value=ARGUMENT_TEXT,
        )
    return Field(
        name=name,
        shape=shape,
        description=f"`{name}` of the AWS provider's `assume_role` block.",
        is_required=name == "role_arn",
    )


TERRAFORM: Final = RecordShape(
    noun="a mapping of Terraform settings",
    example='{required_version: ">= 1.11"}',
    fields=(
        Field(
            name="required_version",
            shape=texts.CONSTRAINT,
            description="The versions of Terraform or OpenTofu that the generated code accepts.",
            default=DEFAULT_REQUIRED_VERSION,
        ),
        Field(
            name="aws_provider",
            shape=texts.CONSTRAINT,
            description="The versions of the AWS provider that the generated code accepts.",
            default=DEFAULT_AWS_PROVIDER,
        ),
        Field(
            name="time_provider",
            shape=texts.CONSTRAINT,
            description="The versions of the time provider, which is needed only in accounts "
            "where a secret is made.",
            default=DEFAULT_TIME_PROVIDER,
        ),
        Field(
            name="layout",
            shape=texts.LAYOUT,
            description="The folder of each account below the output folder. Takes `{account}`, "
            "`{account_id}` and `{partition}`. `.` is possible with one account.",
            default=DEFAULT_LAYOUT,
        ),
        Field(
            name="provider",
            shape=WordShape(noun="who writes the provider block", words=tuple(ProviderBlock)),
            description="`generate`: each root has its provider block, which refuses every other "
            "account. `none`: it has none; Terragrunt, Atmos or a file of your own adds it.",
            default=ProviderBlock.GENERATE.value,
        ),
        Field(
            name="assume_role",
            shape=EitherShape(
                noun="a role's ARN, or a mapping with `role_arn`",
                example='"arn:{partition}:iam::{account_id}:role/terraform"',
                text=texts.ASSUME_ROLE,
                mapping=RecordShape(
                    noun="a mapping with `role_arn`",
                    example='{role_arn: "arn:{partition}:iam::{account_id}:role/terraform"}',
                    fields=tuple(
                        _role_argument(name, kind) for name, kind in assume_role_arguments().items()
                    ),
                ),
            ),
            description="The role that Terraform assumes in each account, or the arguments of the "
            "provider's `assume_role` block. Takes `{partition}` and `{account_id}`.",
        ),
        Field(
            name="backend",
            shape=RecordShape(
                noun="a mapping with `type` and the arguments of that backend",
                example="{type: s3, bucket: acme-state, "
                'key: "ecr/{account_id}.tfstate", region: eu-west-1, use_lockfile: true}',
                fields=(
                    Field(
                        name="type",
                        shape=TextShape(
                            noun="the name of a backend",
                            example="s3",
                            pattern="[a-z][a-z0-9_]*",
                            check=_check_backend_type,
                            maximum=40,
                            candidates=lambda: BACKEND_TYPES,
                        ),
                        description="The backend, as Terraform names it.",
                        is_required=True,
                    ),
                ),
                others=_ARGUMENT,
            ),
            description="Where each root keeps its state: `type` and that backend's arguments. "
            "Texts take `{account}`, `{account_id}` and `{partition}`, so that each root has a "
            "state of its own. Without it: no backend block.",
        ),
        Field(
            name="modules",
            shape=TextShape(
                noun="`vendored`, or the modules in a git repository",
                example=VENDORED,
                pattern=r"vendored|git::(https|ssh)://[^\s]+",
                check=_check_modules,
                maximum=500,
            ),
            description="Where the modules come from. `vendored`: copies beside the roots. "
            "`git::https://HOST/REPOSITORY.git//FOLDER?ref=TAG`: that folder of a git repository.",
            default=VENDORED,
        ),
    ),
)
