"""One secret that the topology describes in two ways.

A secret exists once in an account and region. When one cache says that it exists already and another
that it is to be created, or two say different recovery times, the Terraform cannot do both.

To fix it, describe the credential once, on the upstream, and let the caches take it from there.
"""

from collections.abc import Iterator

from generator.finding import Finding, Severity
from generator.model.topology import Credential, Topology
from generator.rules.rule import Rule, TopologyRule

RULE = Rule(name="credential-conflict", severity=Severity.HIGH)


def check(topology: Topology) -> Iterator[Finding]:
    """Look at every secret of every account and region."""
    first: dict[tuple[str, str, str], Credential] = {}
    reported: set[tuple[int, int]] = set()
    for cache in topology.caches:
        credential = cache.credential
        if credential is None:
            continue
        known = first.setdefault((cache.account, cache.region, credential.secret), credential)
        same = (known.value, known.recovery_days) == (credential.value, credential.recovery_days)
        place = (credential.span.line, credential.span.column)
        if same or place in reported:
            continue
        reported.add(place)
        yield RULE.finding(
            title="One secret is described in two ways",
            message=(
                f"{credential.secret} in account {cache.account}, {cache.region}, is described "
                f"otherwise in line {known.span.line}. Describe it once, on the upstream."
            ),
            subject=f"{cache.account} {cache.region} {credential.secret}",
            location=credential.span,
            topology=credential.span,
        )


CREDENTIAL_CONFLICT = TopologyRule(rule=RULE, check=check)
