"""A creation template whose role may not use the key that encrypts its repositories.

With a key of your own, ECR uses the template's role to make a grant on the key (ECR user guide,
repository-creation-templates): the role needs `kms:CreateGrant`, `kms:DescribeKey` and `kms:RetireGrant`,
and the key's policy must leave it to IAM in the account, or name the role. Without that, ECR cannot create
the repository, and the first pull fails. Policies are asked where they are in the code; where the key's
policy is not, it may give the first two.

To fix it, add the actions to the role's policy, and let the key's policy name the account.

**Bad**

```hcl
resource "aws_iam_role" "templates" {
  name = "ecr-templates"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecr.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "templates" {
  name = "templates"
  role = aws_iam_role.templates.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ecr:CreateRepository", "ecr:TagResource", "kms:CreateGrant", "kms:DescribeKey"]
      Resource = [
        "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*",
        "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      ]
    }]
  })
}

resource "aws_ecr_repository_creation_template" "this" {
  prefix          = "quay"
  applied_for     = ["PULL_THROUGH_CACHE"]
  custom_role_arn = aws_iam_role.templates.arn
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }
}
```

**Good**

```hcl
resource "aws_iam_role" "templates" {
  name = "ecr-templates"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecr.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "templates" {
  name = "templates"
  role = aws_iam_role.templates.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["ecr:CreateRepository", "ecr:TagResource"]
        Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      },
      {
        Effect   = "Allow"
        Action   = ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"]
        Resource = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
      },
    ]
  })
}

resource "aws_ecr_repository_creation_template" "this" {
  prefix          = "quay"
  applied_for     = ["PULL_THROUGH_CACHE"]
  custom_role_arn = aws_iam_role.templates.arn
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }
}
```
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.model.levels import KEY_ACTIONS
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies
    from generator.iam import Policy
    from generator.model.estate import Json, Record, Unknown
    from generator.model.values import AccountId, Region

RULE = Rule(name="template-key-denied", severity=Severity.HIGH)

_ONLY_IN_IAM = "kms:RetireGrant"


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look at the role and the key of every creation template that encrypts with a key of one's own."""
    from generator.grants.code_policies import listed_words
    from generator.model.estate import Kind

    for template in code.of(Kind.CREATION_TEMPLATE):
        question = _question(code, template)
        if question is None:
            continue
        key_policy, verdicts = question
        for verdict, kind in ((False, FindingKind.FINDING), (None, FindingKind.UNDECIDED)):
            actions = [action for action, found in verdicts.items() if found is verdict]
            if not actions:
                continue
            where = (
                "the role's policies"
                if key_policy is None
                else (f"the role's policies and the policy of the key in `{key_policy.address}`")
            )
            is_open = kind is FindingKind.UNDECIDED
            yield RULE.about(
                template,
                kind=kind,
                title=(
                    "Cannot decide whether a template's role may use its key"
                    if is_open
                    else "A template's role may not use its key"
                ),
                message=(
                    f"`{template.address}` encrypts with a key of your own, and {where} "
                    f"{'may not' if is_open else 'do not'} allow its role {listed_words(actions)}: "
                    "then ECR cannot create the repository, and the first pull fails."
                    + (_cause(key_policy) if is_open else "")
                ),
                subject=",".join(actions),
                location=template.get("encryption_configuration").span,
            )


def _cause(key_policy: "Record | None") -> str:
    """What decides, where the whole policy of a key is not known."""
    from generator.estate.wording import what_decides
    from generator.model.estate import Unknown

    policy = None if key_policy is None else key_policy.get("policy")
    if not isinstance(policy, Unknown):
        return ""
    return f" The policy is not known: {policy.reason}. {what_decides(policy)}"


def _question(
    code: "CodePolicies", template: "Record"
) -> "tuple[Record | None, dict[str, bool | None]] | None":
    """The key's policy and whether the role may do each thing; `None` where nothing was read."""
    from generator.estate.attached_policies import held_policies
    from generator.model.estate import Kind
    from generator.model.values import AccountId, Region
    from generator.rules.template.template_role_missing import encryption_type, in_encryption

    key, encryption = in_encryption(template, "kms_key"), encryption_type(template)
    account, region = template.account, template.region
    roles = code.linked(Kind.ROLE, template, "custom_role_arn")
    if not key or not isinstance(encryption, str) or not encryption.startswith("KMS"):
        return None
    if len(roles) != 1 or not isinstance(roles[0].key, str):
        return None
    if not isinstance(account, AccountId) or not isinstance(region, Region):
        return None
    role = roles[0].key
    policies = [policy for _, _, policy in _held(code, account, role.rsplit("/", 1)[-1], key)]
    if not any(held_policies(code.estate, account, role.rsplit("/", 1)[-1])):
        return None
    key_policy = _policy_of_key(code, key, template)
    verdicts = {
        action: _may(action, account, region, role, key, policies, key_policy)
        for action in KEY_ACTIONS
    }
    if not isinstance(key, str) and key.reference.startswith(f"{template.address}."):
        # A plan names nothing else: the provider may fill in AWS's own key, which needs no right.
        verdicts = {action: found or None for action, found in verdicts.items()}
    return key_policy, verdicts


def _held(
    code: "CodePolicies", account: "AccountId", role: str, key: "str | Unknown"
) -> "Iterator[tuple[Record, str, Policy]]":
    """The policies of a role, with the key by a name that stands for it where it is not known."""
    from generator.estate.attached_policies import held_policies
    from generator.iam import parse_policy
    from generator.model.estate import Known

    for record, name, policy in held_policies(code.estate, account, role):
        value = record.get(name)
        if isinstance(key, str) or not isinstance(value, Known) or name != "policy":
            yield record, name, policy
        else:
            named = _named(value.value, key.reference)
            yield record, name, parse_policy(named, source=policy.source)


_STAND_IN = "arn:aws:kms:eu-west-1:000000000000:key/made-here"


def _named(value: "Json", reference: str) -> "Json":
    from generator.model.estate import Unknown

    match value:
        case Unknown() if value.reference == reference:
            return _STAND_IN
        case tuple():
            return tuple(_named(item, reference) for item in value)
        case Mapping():
            return {name: _named(item, reference) for name, item in value.items()}
        case _:
            return value


def _policy_of_key(
    code: "CodePolicies", key: "str | Unknown", template: "Record"
) -> "Record | None":
    """The policy of a template's key, where the code shows that it is that key's."""
    from generator.model.estate import Absent, Kind, Unknown

    for record in code.of(Kind.KMS_KEY_POLICY):
        if isinstance(record.get("policy"), Absent) or record.root != template.root:
            continue
        if isinstance(key, str):
            if isinstance(record.key, str) and record.key and key.endswith(record.key):
                return record
        elif key.reference.rpartition(".")[0] == record.address or (
            isinstance(record.key, Unknown)
            and record.key.reference.rpartition(".")[0] == key.reference.rpartition(".")[0]
            and record.key.reference.startswith("aws_kms_key.")
        ):
            return record
    return None


def _may(
    action: str,
    account: "AccountId",
    region: "Region",
    role: str,
    key: "str | Unknown",
    policies: "list[Policy]",
    key_policy: "Record | None",
) -> bool | None:
    """Whether the role may do something with the key; `None` when it cannot be told."""
    from generator.iam import Request, decide, parse_policy
    from generator.model.estate import Known, Unknown

    document = None if key_policy is None else key_policy.get("policy")
    resource = None
    if isinstance(document, Known):
        # The policy of a key is about that key, however it names it.
        resource = [parse_policy(_about_itself(document.value), source="key")]
    elif isinstance(document, Unknown):
        resource = [parse_policy(document, source="key")]
    partition = region.aws_partition
    sides = decide(
        Request(
            principal=f"arn:{partition.id}:iam::{account}:role/{role}",
            action=action,
            resource=key if isinstance(key, str) else _STAND_IN,
            context={
                "aws:SecureTransport": "true",
                "aws:RequestedRegion": str(region),
                "kms:ViaService": f"ecr.{region}.{partition.dns_suffix}",
                "kms:CallerAccount": account,
                "kms:GrantIsForAWSResource": "true",
            },
        ),
        resource_account=account,
        resource_policies=resource,
        identity_policies=policies,
    ).sides
    if sides.denied:
        return False
    by_key: bool | None = sides.direct if resource is not None else None
    if action == _ONLY_IN_IAM:
        by_key = False
    by_iam: bool | None = sides.identity
    if resource is not None and action != _ONLY_IN_IAM and sides.delegated is not True:
        by_iam = sides.delegated if by_iam else by_iam
    found = True if True in {by_key, by_iam} else None if None in {by_key, by_iam} else False
    return found if sides.denied is False else None


def _about_itself(value: "Json") -> "Json":
    """A key's policy whose statements are about every resource."""
    if not isinstance(value, Mapping):
        return value
    entries = value.get("Statement")
    each = entries if isinstance(entries, tuple) else (entries,)
    return {
        **value,
        "Statement": tuple(
            {
                **{name: part for name, part in one.items() if name != "NotResource"},
                "Resource": "*",
            }
            if isinstance(one, Mapping)
            else one
            for one in each
        ),
    }


TEMPLATE_KEY_DENIED = CodeRule(rule=RULE, check=check)
