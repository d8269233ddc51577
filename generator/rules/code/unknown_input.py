"""An input that the called module does not declare.

`terraform validate` refuses it, and until then the call does not say what its author meant. Modules whose
code is on disk are looked at.

To fix it, use the name that the message suggests, or declare the variable in the module.

**Bad**

```hcl
module "cache" {
  source = "./modules/pull-through-cache"
  region = "eu-west-1"
  rule   = { quay = { upstream_registry_url = "quay.io" } }
}
```

```hcl modules/pull-through-cache/variables.tf
variable "region" { type = string }
variable "rules" {
  type    = map(object({ upstream_registry_url = string }))
  default = {}
}
```

**Good**

```hcl
module "cache" {
  source = "./modules/pull-through-cache"
  region = "eu-west-1"
  rules  = { quay = { upstream_registry_url = "quay.io" } }
}
```

```hcl modules/pull-through-cache/variables.tf
variable "region" { type = string }
variable "rules" {
  type    = map(object({ upstream_registry_url = string }))
  default = {}
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies
    from generator.model.reading import NamedBlock, UnknownName

RULE = Rule(name="unknown-input", severity=Severity.HIGH)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for inputs of calls that the module does not declare."""
    from generator.model.quotes import did_you_mean, quoted

    for block in code.named_blocks:
        if block.inputs is None:
            continue
        for name, span in block.names.items():
            if name not in block.inputs:
                yield RULE.finding(
                    title="A module has no such input",
                    message=(
                        f"`{block.address}` sets {quoted(name)}, which the module does not declare."
                        f"{did_you_mean(name, sorted(block.inputs))}"
                    ),
                    subject=f"{block.root} {name}",
                    address=block.address,
                    location=span,
                )
        for unknown in block.unknown_names:
            yield misspelled(block, unknown)


def misspelled(block: "NamedBlock", unknown: "UnknownName") -> Finding:
    """A name in an object of a call that the module's type does not have."""
    from dataclasses import replace

    from generator.model.quotes import did_you_mean, listed, quoted

    name = unknown.path.rpartition(".")[2]
    near = did_you_mean(name, unknown.known)
    found = RULE.finding(
        title="An attribute of a module's input is unknown",
        message=(
            f"`{block.address}` sets {quoted(unknown.path)}, which the module does not declare, so "
            f"Terraform drops it without a word.{near or f' Known are {listed(unknown.known)}.'}"
        ),
        subject=f"{block.root} {unknown.path}",
        address=block.address,
        location=unknown.span,
    )
    return replace(found, roots=(block.root,), severity=Severity.MEDIUM)


UNKNOWN_INPUT = CodeRule(rule=RULE, check=check)
