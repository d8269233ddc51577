"""A cache rule for a registry that ECR cannot cache.

ECR takes nine upstream registries by fixed host names (API enum UpstreamRegistry) and refuses all others
with `UnsupportedUpstreamRegistryException`, in the middle of the apply: Google's registries, Elastic's,
Microsoft's `mcr.microsoft.com`, Harbor, Artifactory, and hosts such as `docker.io` that are not the one
it wants.

To fix it, use the host that the message names, or copy the images into a repository of your own.

**Bad**

```hcl
resource "aws_ecr_pull_through_cache_rule" "kubernetes" {
  ecr_repository_prefix = "kubernetes"
  upstream_registry_url = "k8s.gcr.io"
}
```

**Good**

```hcl
resource "aws_ecr_pull_through_cache_rule" "kubernetes" {
  ecr_repository_prefix = "kubernetes"
  upstream_registry_url = "registry.k8s.io"
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, FindingKind, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies
    from generator.model.estate import Unknown

RULE = Rule(name="upstream-refused", severity=Severity.HIGH)

_HOSTS_MEANT = {
    "docker.io": "registry-1.docker.io",
    "index.docker.io": "registry-1.docker.io",
    "hub.docker.com": "registry-1.docker.io",
    "registry.hub.docker.com": "registry-1.docker.io",
    "k8s.gcr.io": "registry.k8s.io",
    "gitlab.com": "registry.gitlab.com",
    "docker.pkg.github.com": "ghcr.io",
    "github.com": "ghcr.io",
    "gallery.ecr.aws": "public.ecr.aws",
}


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look at the host of every cache rule."""
    from generator.estate.wording import what_decides
    from generator.model.estate import Kind, Unknown
    from generator.model.upstream_hosts import upstream_of

    for rule in code.of(Kind.CACHE_RULE):
        if isinstance(value := rule.get("upstream_registry_url"), Unknown) and not is_told(value):
            yield RULE.about(
                rule,
                kind=FindingKind.UNDECIDED,
                title="Cannot decide which registry a cache reads",
                message=(
                    f"The upstream of `{rule.address}` is not known: {value.reason} "
                    f"(`{value.reference}`). Whether ECR takes it, and what it needs, was not "
                    f"judged. {what_decides(value)}"
                ),
                location=value.span,
            )
        upstream = upstream_of(rule)
        if upstream is None or upstream.registry is not None:
            continue
        yield RULE.about(
            rule,
            title="ECR cannot cache this registry",
            message=(
                f"`{rule.address}` has the upstream `{upstream.host}`, which ECR refuses. "
                f"{_advice(upstream.host)}"
            ),
            subject=upstream.host,
            location=rule.get("upstream_registry_url").span,
        )


def is_told(host: "Unknown") -> bool:
    """Whether what is written of a host says which registry it is."""
    from generator.estate.links import shape_of

    text = shape_of(host) or ""
    return any(sign in text for sign in (".dkr.ecr.", ".dkr-ecr.")) or text.endswith(".azurecr.io")


def _advice(host: str) -> str:
    from generator.model.upstreams import REGISTRIES
    from generator.topology.registries import way_out

    bare = host.lower().removeprefix("https://").removeprefix("http://").rstrip("/")
    bare = bare.split("/")[0]
    hosts = [registry.host for registry in REGISTRIES.values() if registry.host]
    if bare in hosts and bare != host:
        return f"Write the host alone: `{bare}`."
    if bare in _HOSTS_MEANT:
        return f"The host it wants is `{_HOSTS_MEANT[bare]}`."
    known = f"It takes {', '.join(hosts)}, `<name>.azurecr.io` and private ECR registries."
    return f"{known} {way_out(bare)}".strip()


UPSTREAM_REFUSED = CodeRule(rule=RULE, check=check)
