"""Images that code runs, and the cache below which each is named."""

import re
from collections.abc import Iterator, Mapping, Sequence

from generator.estate.links import UNKNOWN_PIECE, shape_of, shown
from generator.frozen_data import frozen
from generator.grants.code_policies import CodePolicies, shape_of_json
from generator.model.estate import Json, Kind, Known, Record, Unknown
from generator.model.span import Span
from generator.model.upstream_hosts import upstream_of
from generator.model.upstreams import DOCKER_HUB_HOST
from generator.model.values import ROOT

_IMAGE = re.compile(
    r"(?P<account>[0-9]{12}|\0)\.dkr[.-]ecr\.(?P<region>[a-z0-9-]+|\0)\.[a-z.\0]+/(?P<name>[^:@\0]+)"
    r"(?:[:@].*)?",
    re.DOTALL,
)


@frozen
class CachedImage:
    """One image that a function or task runs, named below a cache of the code."""

    user: Record
    rule: Record
    prefix: str
    name: str
    text: str
    span: Span | None
    is_made_by_code: bool
    """Whether the code makes a repository of this name, which people may push to."""

    @property
    def shown(self) -> str:
        """The image for a message."""
        return shown(self.text)

    @property
    def name_upstream(self) -> str:
        """The name in the upstream registry."""
        return self.name.removeprefix(f"{self.prefix}/")

    @property
    def is_of_docker_hub(self) -> bool:
        """Whether the cache is one of Docker Hub."""
        return _is_docker_hub(self.rule)


def cached_images(code: CodePolicies, kind: Kind) -> Iterator[CachedImage]:
    """The images of functions or of tasks that certainly lie below a cache."""
    for user in code.of(kind):
        for text, span in _images(user):
            match = _IMAGE.fullmatch(text)
            if match is None:
                continue
            for rule in code.of(Kind.CACHE_RULE):
                if (
                    isinstance(rule.key, str)
                    and rule.key != ROOT
                    and match["name"].startswith(f"{rule.key}/")
                    and _is_same(match["account"], rule.account, user, rule)
                    and _is_same(match["region"], rule.region, user, rule)
                ):
                    yield CachedImage(
                        user=user,
                        rule=rule,
                        prefix=rule.key,
                        name=match["name"],
                        text=text,
                        span=span,
                        is_made_by_code=any(
                            repository.key == match["name"]
                            for repository in code.of(Kind.REPOSITORY)
                        ),
                    )


def docker_hub_caches(code: CodePolicies) -> Mapping[str, Sequence[str]]:
    """The prefixes of Docker Hub's caches, by the root that they are in."""
    found: dict[str, list[str]] = {}
    for rule in code.of(Kind.CACHE_RULE):
        if _is_docker_hub(rule) and isinstance(rule.key, str):
            found.setdefault(rule.root, []).append(rule.key)
    return found


def _is_docker_hub(rule: Record) -> bool:
    upstream = upstream_of(rule)
    return upstream is not None and upstream.host == DOCKER_HUB_HOST


def _is_same(named: str, actual: object, user: Record, rule: Record) -> bool:
    """Whether an image is of the account or region of a cache; what nobody knows is so in one root."""
    if named == UNKNOWN_PIECE or isinstance(actual, Unknown):
        return user.root == rule.root
    return named == actual


def _images(user: Record) -> Iterator[tuple[str, Span | None]]:
    if user.kind is Kind.FUNCTION:
        value = user.get("image_uri")
        if (text := shape_of(value)) is not None:
            yield text, value.span
        return
    definitions = user.get("container_definitions")
    content: Json = definitions.value if isinstance(definitions, Known) else None
    for container in content if isinstance(content, tuple) else (content,):
        if isinstance(container, Mapping):
            image = shape_of_json(container.get("image"))
            if image is not None:
                yield image, definitions.span
