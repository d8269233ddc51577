"""Access that the topology declares and the code does not give.

Pulls fail, and ECR words it as "not found": a first pull needs `ecr:CreateRepository` and
`ecr:BatchImportUpstreamImage` beside reading, on both sides when accounts differ, and everybody needs
`ecr:GetAuthorizationToken` on `*` (ECR user guide, pull-through-cache-iam).

To fix it, run `forebay generate`, or add what the result shows, ready to copy: the missing statement, or
the entry of a module call that `generate` writes.

**Bad**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: ci, allow: pull}]
```

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action = [
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
      ]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/ci" } }
    }]
  })
}
```

**Good**

```yaml
version: 1
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1]}
consumers:
  ci: {account: shop, role: ci, identity: elsewhere}
registries:
  platform:
    caches: {quay: {}}
    grants: [{to: ci, allow: pull}]
```

```hcl
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action = [
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:GetDownloadUrlForLayer",
      ]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/ci" } }
    }]
  })
}
```
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from generator.estate.wording import RUN_GENERATE, capital, describe_request
from generator.intent.registry_forms import UPSTREAM
from generator.model.finding import Finding, Severity
from generator.rules.rule import GrantRule, Rule

if TYPE_CHECKING:
    from generator.estate.nearest_statement import Nearest
    from generator.grants.judged_policy import JudgedPolicy
    from generator.iam import Request, UnderGrant
    from generator.model.span import Span

RULE = Rule(name="grant-missing", severity=Severity.HIGH)

_CODE_ENDINGS = (".tf", ".tf.json", ".tofu", ".tofu.json")


def check(policy: "JudgedPolicy") -> Iterator[Finding]:
    """Look for declared access that is not certainly allowed, each cause once."""
    from generator.rules.grant.words import some_of, witness_of

    causes: dict[tuple[Span | None, tuple[str, ...]], list[UnderGrant]] = {}
    for grant in policy.judgement.under:
        if grant.by_network:
            continue
        denied = policy.span_of(grant.statements[0]) if grant.statements else None
        causes.setdefault((denied, grant.actions), []).append(grant)
    for (denied, actions), grants in causes.items():
        request = grants[0].request
        near = None if denied else _nearest(policy, request)
        why = "A Deny statement stands in the way" if denied else "No statement allows it"
        if near is not None:
            why += f"; {near.name} {near.words}"
        also = ""
        if places := places_of(grants[1:]):
            also = f" The same is missing on {some_of(places)}."
        nearest = None if near is None else policy.span_of(near.statement)
        location = denied or nearest or policy.place
        yield RULE.about_policy(
            policy,
            title="Access that the topology declares is missing",
            message=(
                f"In {policy.what}, {describe_request(request)}, and is not allowed, although the "
                f"topology declares it. {why}. Missing: {', '.join(actions)}.{_levels(grants)}{also} "
                f"{remedy(policy, grants, denied)}"
            ),
            subject=" ".join((",".join(actions), *(grant.request.resource for grant in grants))),
            location=location,
            topology=policy.asked_for(grants[0].access),
            witness=witness_of(request, location),
        )


def _nearest(policy: "JudgedPolicy", request: "Request") -> "Nearest | None":
    """The statement that nearly gives what is missing."""
    from generator.estate.nearest_statement import nearest_statement
    from generator.model.estate import Unknown

    if isinstance(policy.account, Unknown):
        return None
    wide = {
        (statement.source, statement.index)
        for grant in policy.judgement.over
        for statement in grant.statements
    }
    near = nearest_statement(
        policy.policies,
        request,
        kind=policy.kind,
        account=policy.account,
        # What gives too much besides was probably meant to give this.
        rather=lambda statement: ((statement.source, statement.index) not in wide,),
    )
    return None if near is None or near.is_deny else near


def _levels(grants: "Sequence[UnderGrant]") -> str:
    """The declared level, and what of it the policy gives; nothing for access without a level."""
    from generator.grants.remedies import level_of, level_that_is_left

    found = {
        (level_of(grant.access), level_that_is_left(grant))
        for grant in grants
        if grant.access is not None
    }
    told = [
        f"`{level}` is declared, and {f'only `{left}`' if left else 'not even `cached`'} is given"
        for level, left in sorted(found, key=str)
        if level is not None and level != UPSTREAM
    ]
    return f" {capital('; '.join(told))}." if told else ""


def remedy(policy: "JudgedPolicy", grants: "Sequence[UnderGrant]", denied: "Span | None") -> str:
    """What to do, with the entry or statement to write and the file where it belongs."""
    from generator.grants.remedies import (
        indented,
        missing_entries,
        missing_statements,
        statements_text,
    )
    from generator.rules.grant.words import some_of

    if denied is not None:
        return f"Narrow that statement of `{policy.address}`, or take it out."
    file = ""
    # A plan or state is where it shows, not where it is written.
    if policy.place is not None and policy.place.file.name.endswith(_CODE_ENDINGS):
        file = f" in `{policy.place.file.as_posix()}`"
    if policy.is_in_aws and not policy.records:
        return f"Apply the account's root module, which makes `{policy.address}`."
    if entries := missing_entries(policy, grants):
        return f"{RUN_GENERATE}, or see to it that these entries are there:" + "".join(
            f"\n{argument}{file}:\n{indented(texts)}" for argument, texts in entries.items()
        )
    statements = missing_statements(policy, grants)
    # What others write, `generate` does not.
    first = "Add" if policy.is_elsewhere else f"{_ours(policy)}, or add"
    if not statements:
        return f"{_ours(policy)}, or mend `{policy.address}` by hand."
    word = "this statement" if len(statements) == 1 else "these statements"
    managed = policy.managed_by_aws
    if managed and len(managed) == len(policy.records):
        # Nothing of the role's own is there to add a statement to.
        names = some_of([f"`{each.key.rpartition('/')[2]}`" for each in managed.values()])
        return (
            f"All that is attached here is AWS's ({names}), which cannot be changed. {_ours(policy)} and "
            f"attach what it writes, or a policy of your own with {word}:\n"
            f"{indented([statements_text(statements)])}"
        )
    return f"{first} {word} to `{policy.address}`{file}:\n{indented([statements_text(statements)])}"


def _ours(policy: "JudgedPolicy") -> str:
    """What puts it right without anybody's own writing."""
    return "Apply the account's root module" if policy.is_in_aws else RUN_GENERATE


def places_of(grants: "Sequence[UnderGrant]") -> list[str]:
    """The repositories of each grant, with their registry."""
    accesses = [grant.access for grant in grants if grant.access is not None]
    return list(
        dict.fromkeys(
            f"`{access.repositories}` of {access.registry_account} in {access.region}"
            for access in accesses
        )
    )


GRANT_MISSING = GrantRule(rule=RULE, check=check)
