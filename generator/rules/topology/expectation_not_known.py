"""An expectation about somebody or something that the topology does not know.

It would be asked of nobody and hold for good. Who pulls is named as `forebay can` takes it: a consumer of
the topology, `ACCOUNT/ROLE`, the ARN of a role, or an account. Images lie in a cache of the topology, and
registries are `ACCOUNT/REGION` of one that caches something.

**Bad**

```yaml
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1]}}
registries:
  main:
    caches: {quay: {}}
    grants: [{to: {role: "eks-node-*"}, allow: first-pull}]
expectations:
  no-first-pulls: {who: developers, may_not: first-pull}
```

**Good**

```yaml
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1]}}
registries:
  main:
    caches: {quay: {}}
    grants: [{to: {role: "eks-node-*"}, allow: first-pull}]
expectations:
  no-first-pulls: {who: main/developers, may_not: first-pull}
```
"""

from collections.abc import Iterator

from generator.model.finding import Finding, Severity
from generator.model.topology import Topology
from generator.rules.rule import Rule, TopologyRule

RULE = Rule(name="expectation-not-known", severity=Severity.HIGH)


def check(topology: Topology) -> Iterator[Finding]:
    """Look for expectations whose words name nothing."""
    if not topology.expectations:
        return
    from generator.grants.expected_pulls import questions_of
    from generator.model.errors import ToolError

    for expectation in topology.expectations.values():
        try:
            questions = questions_of(topology, expectation)
        except ToolError as error:
            reason = f"{error.summary}. {error.detail}"
        else:
            if questions:
                continue
            reason = "it is about no cache at all."
        yield RULE.finding(
            title="An expectation names what the topology does not know",
            message=f"`expectations.{expectation.name}`: {reason}",
            subject=expectation.name,
            location=expectation.span,
            topology=expectation.span,
        )


EXPECTATION_NOT_KNOWN = TopologyRule(rule=RULE, check=check)
