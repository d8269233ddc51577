"""Words about upstream registries that people try: what ECR takes, and the way out for the rest."""

from generator.model.quotes import listed, quoted
from generator.model.upstreams import CONSOLE_NAMES, REGISTRIES

UPSTREAM_WORDS = tuple(REGISTRIES)
"""The nine upstream registries, by the API's names."""

_GOOGLE = (
    "Google's registries are not among them: copy the images into a repository of your own, or "
    "take the same images from another registry."
)
_ELASTIC = (
    "Elastic's registry is not among them: many of its images are on Docker Hub (`docker-hub`) too."
)
_MICROSOFT = (
    "Microsoft's public registry is not the Azure Container Registry of a customer and cannot be "
    "cached: copy the images into a repository of your own."
)
_ARTIFACTORY = "Artifactory cannot be cached: let it push or replicate into ECR."
_HARBOR = "Harbor cannot be cached: let its replication push into ECR."
_DOCKER_HUB = "That is the registry `docker-hub`."

_WAYS_OUT = {
    "k8s.gcr.io": "The images of `k8s.gcr.io` have moved to registry.k8s.io, which is `k8s`.",
    "registry.k8s.io": "That host is the registry `k8s`.",
    "gcr.io": _GOOGLE,
    "pkg.dev": _GOOGLE,
    "gcr": _GOOGLE,
    "docker.elastic.co": _ELASTIC,
    "elastic": _ELASTIC,
    "mcr.microsoft.com": _MICROSOFT,
    "mcr": _MICROSOFT,
    "jfrog.io": _ARTIFACTORY,
    "docker.io": _DOCKER_HUB,
    "hub.docker.com": _DOCKER_HUB,
    "dockerhub": _DOCKER_HUB,
    "docker": _DOCKER_HUB,
    "quay.io": "That host is the registry `quay`.",
    "ghcr.io": "That host is the registry `github-container-registry`.",
    "ghcr": "That is the registry `github-container-registry`.",
    "registry.gitlab.com": "That host is the registry `gitlab-container-registry`.",
    "public.ecr.aws": "That host is the registry `ecr-public`.",
    "cgr.dev": "That host is the registry `chainguard`.",
    "azurecr.io": "That host belongs to the registry `azure-container-registry`.",
    "amazonaws.com": "A private ECR registry is `registry: ecr` with `account` and `region`.",
}


def way_out(word: str) -> str:
    """What to do about a registry that people try and ECR has not; empty when nothing is known."""
    lowered = word.lower().removeprefix("https://").split("/")[0]
    if known := CONSOLE_NAMES.get(lowered):
        return f"That is the console's name of `{known}`."
    for name, advice in _WAYS_OUT.items():
        if lowered == name or ("." in name and lowered.endswith(f".{name}")):
            return advice
    if "artifactory" in lowered:
        return _ARTIFACTORY
    return _HARBOR if "harbor" in lowered else ""


def explain_unknown_registry(word: str) -> str:
    """Why a word is not an upstream registry: the nine that are, and the way out."""
    advice = way_out(word)
    text = (
        f"{quoted(word)} is not a registry that ECR can cache from. It takes "
        f"{listed(UPSTREAM_WORDS)}."
    )
    return f"{text} {advice}" if advice else text
