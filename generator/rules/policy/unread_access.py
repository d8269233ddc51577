"""A resource that can give the same access in another way, and that is not judged.

CloudFormation stacks and Cloud Control resources make what policies and roles make, users and groups of the
`awscc` provider bring policies along, permission sets become roles in other accounts, a grant lets somebody use
a key, and replication copies images to registries with policies of their own. Each that could be about
ECR, Secrets Manager or KMS in an account of the topology is named once. One that certainly is not stays
silent: a template without types of these services, a policy that allows nothing of them.

To have it judged, write it with the resources of the `aws` provider that `check` reads. Otherwise look
at it yourself, and accept it with a reason.

**Bad**

```hcl
resource "aws_cloudformation_stack" "registry" {
  name = "registry"
  template_body = jsonencode({
    Resources = {
      Policy = {
        Type       = "AWS::ECR::RegistryPolicy"
        Properties = { PolicyText = { Version = "2012-10-17", Statement = [] } }
      }
    }
  })
}
```

**Good**

```hcl
resource "aws_cloudformation_stack" "bucket" {
  name = "bucket"
  template_body = jsonencode({
    Resources = { Bucket = { Type = "AWS::S3::Bucket" } }
  })
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="unread-access", severity=Severity.MEDIUM)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Name each resource of other types that could be about caches."""
    from generator.estate.resources.other_access import OTHER_ACCESS
    from generator.grants.other_access import other_access

    for record in other_access(code.estate, code.topology):
        content = OTHER_ACCESS[str(record.key)].content
        yield RULE.about(
            record,
            kind=FindingKind.UNDECIDED,
            title="Another way to give access was not judged",
            message=(
                f"`{record.address}` could give access to caches or to what they depend on; what "
                f"decides is {content}. Nothing of it was judged. Write it with resources that "
                "`check` reads, or look at it yourself and accept this result."
            ),
            subject=record.address,
        )


UNREAD_ACCESS = CodeRule(rule=RULE, check=check)
