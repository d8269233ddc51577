"""A policy of an organization, a VPC endpoint or a session that could deny pulls, and is not judged as a whole.

Service control policies, resource control policies, policies of VPC endpoints and session policies
take away what identity policies and registry policies allow. What `check` proves holds for the latter.
With a topology, literal Denies of an organization's policy are asked of the pulls of the accounts that it
is literally attached to; nothing else of these layers is decided. `docs/explanation/check.md` says what is.

To be sure, replay a pull of your own with these policies in mind, or try one.

**Bad**

```hcl
resource "aws_organizations_policy" "guard" {
  name = "guard"
  type = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Deny"
      Action   = "ecr:CreateRepository"
      Resource = "*"
    }]
  })
}
```

**Good**

```hcl
resource "aws_organizations_policy" "guard" {
  name = "guard"
  type = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Deny"
      Action   = "ec2:RunInstances"
      Resource = "*"
    }]
  })
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="layer-not-judged", severity=Severity.INFO)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Name each policy of a layer that is not judged, where it could touch caches."""
    from generator.estate.ceilings import Ceiling, ceilings

    words = {
        Ceiling.SERVICE_CONTROL: "what principals of the accounts that it is attached to may do",
        Ceiling.RESOURCE_CONTROL: "what anybody may do in the accounts that it is attached to",
        Ceiling.ENDPOINT: "what calls through the endpoint may do",
        Ceiling.SESSION: "what Terraform itself may do with this provider",
    }
    for ceiling, record, attribute in ceilings(code.estate):
        asked = ""
        if ceiling in {Ceiling.SERVICE_CONTROL, Ceiling.RESOURCE_CONTROL}:
            asked = (
                " Only its Denies are asked of declared pulls, where the topology has the account, "
                "unit or root that it is literally attached to."
            )
        yield RULE.about(
            record,
            title=f"A {ceiling} is not judged",
            message=(
                f"`{record.address}` holds a {ceiling}, which limits {words[ceiling]}. It could touch "
                f"ECR, KMS or Secrets Manager, and was not judged: what is proved holds as far as it "
                f"lets it through.{asked}"
            ),
            location=record.get(attribute).span or record.span,
        )


LAYER_NOT_JUDGED = CodeRule(rule=RULE, check=check)
