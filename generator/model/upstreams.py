"""The upstream registries that ECR can cache, and what each of them needs.

Source of names: API enum UpstreamRegistry. Source of hosts and authentication: the ECR user guide,
pages pull-through-cache and pull-through-cache-creating-rule.
"""

from enum import StrEnum

from generator.frozen_data import frozen

SECRET_PREFIX = "ecr-pullthroughcache/"  # noqa: S105 - a name prefix
"""How the name of every secret begins that ECR can read (service-linked role's policy)."""


DOCKER_HUB_HOST = "registry-1.docker.io"
"""The host of Docker Hub's registry."""


class Authentication(StrEnum):
    """What a cache rule needs in order to read from an upstream."""

    NONE = "none"
    SECRET = "secret"  # noqa: S105
    IAM = "iam"


@frozen
class UpstreamRegistry:
    """One kind of upstream registry.

    `host` is the only host the API takes for it, `None` where the host differs by customer. `token_days`
    is how long its tokens usually last at most, `None` where they need not end.
    """

    name: str
    title: str
    host: str | None
    authentication: Authentication
    token_days: int | None = None


REGISTRIES: dict[str, UpstreamRegistry] = {
    registry.name: registry
    for registry in (
        UpstreamRegistry(
            name="ecr",
            title="another private ECR registry",
            host=None,
            authentication=Authentication.IAM,
        ),
        UpstreamRegistry(
            name="ecr-public",
            title="Amazon ECR Public",
            host="public.ecr.aws",
            authentication=Authentication.NONE,
        ),
        UpstreamRegistry(
            name="quay", title="Quay", host="quay.io", authentication=Authentication.NONE
        ),
        UpstreamRegistry(
            name="k8s",
            title="Kubernetes",
            host="registry.k8s.io",
            authentication=Authentication.NONE,
        ),
        UpstreamRegistry(
            name="docker-hub",
            title="Docker Hub",
            host=DOCKER_HUB_HOST,
            authentication=Authentication.SECRET,
        ),
        UpstreamRegistry(
            name="github-container-registry",
            title="GitHub Container Registry",
            host="ghcr.io",
            authentication=Authentication.SECRET,
        ),
        UpstreamRegistry(
            name="azure-container-registry",
            title="Azure Container Registry",
            host=None,
            authentication=Authentication.SECRET,
        ),
        UpstreamRegistry(
            name="gitlab-container-registry",
            title="GitLab Container Registry",
            host="registry.gitlab.com",
            authentication=Authentication.SECRET,
            token_days=365,
        ),
        UpstreamRegistry(
            name="chainguard",
            title="Chainguard",
            host="cgr.dev",
            authentication=Authentication.SECRET,
            token_days=30,
        ),
    )
}
"""By the API's name."""

CONSOLE_NAMES = {
    "kubernetes": "k8s",
    "github": "github-container-registry",
    "gitlab": "gitlab-container-registry",
}
"""The console's own names for three of them, usable wherever an upstream is named."""


def built_in(name: str) -> UpstreamRegistry | None:
    """The registry that an undeclared upstream name means; `None` when it needs a declaration."""
    registry = REGISTRIES.get(CONSOLE_NAMES.get(name, name))
    return registry if registry is not None and registry.host is not None else None


def built_in_names() -> tuple[str, ...]:
    """Every upstream name that needs no declaration."""
    names = [name for name, registry in REGISTRIES.items() if registry.host is not None]
    return (*names, *CONSOLE_NAMES)
