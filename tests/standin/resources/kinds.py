"""What all resource types share, and small words for their calls."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from botocore.exceptions import ClientError

from standin.values import UNKNOWN, Values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from botocore.client import BaseClient

    from standin.engine import Engine


class ResourceType:
    """One resource type under one provider configuration.

    `create` and `update` make the calls for a planned state and may fill in what it leaves unknown; `read`
    returns a state with everything that AWS says, None when there is nothing.
    """

    # Types built on SDKv2 may plan values that the configuration does not have; those built on the
    # plugin framework may not, and the core holds them to it.
    is_sdk: ClassVar[bool] = True
    # Values of SDKv2's `Default`, which `terraform providers schema -json` does not show.
    defaults: ClassVar[Mapping[str, object]] = {}
    block_defaults: ClassVar[Mapping[tuple[str, str], object]] = {}
    # Defaults that stay null after an import, so that the next plan shows an update in place.
    defaults_not_imported: ClassVar[frozenset[str]] = frozenset()
    json_attributes: ClassVar[Sequence[str]] = ()
    # Blocks whose absence in the configuration means "as it is".
    optional_blocks: ClassVar[Sequence[str]] = ()

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def client(self, service: str, state: Values | None = None) -> BaseClient:
        """Return a client in the region of a state, or of the provider."""
        region = (state or {}).get("region")
        return self.engine.clients.client(service, region if isinstance(region, str) else None)

    def label(self, state: Values) -> str:
        """Name the resource in an error."""
        return str(state.get("id"))

    def plan(self, prior: Values | None, planned: Values, config: Values) -> None:
        """Adjust a plan where the type knows better than the schema."""

    def create(self, state: Values, config: Values) -> None:
        """Create the resource."""
        raise NotImplementedError

    def read(self, state: Values) -> Values | None:
        """Read the resource."""
        raise NotImplementedError

    def update(self, prior: Values, state: Values, config: Values) -> None:
        """Change the resource in place; nothing to do for arguments that only Terraform knows."""

    def delete(self, state: Values) -> None:
        """Delete the resource."""
        raise NotImplementedError

    def start_import(self, state: Values, identifier: str) -> None:
        """Put more into the first state of an import than the id."""


def is_error(error: ClientError, *codes: str) -> bool:
    """Is this one of some AWS errors?"""
    return error.response["Error"]["Code"] in codes


def found(call: Callable[[], Values], *gone: str) -> Values | None:
    """Make a read and turn the errors that mean "gone" into None."""
    try:
        return call()
    except ClientError as error:
        if is_error(error, *gone):
            return None
        raise


def given(**parameters: object) -> Values:
    """Leave out the parameters without a value."""
    return {
        name: value
        for name, value in parameters.items()
        if value is not None and value is not UNKNOWN
    }


def filled(**parameters: object) -> Values:
    """Leave out the parameters without a value and the empty ones."""
    return {name: value for name, value in given(**parameters).items() if value not in ("", [], {})}


def generated_name(state: Values) -> str:
    """Return the configured name, or one that nobody has."""
    name, prefix = state.get("name"), state.get("name_prefix")
    if isinstance(name, str) and name:
        return name
    return (prefix if isinstance(prefix, str) and prefix else "terraform-") + uuid.uuid4().hex[:26]


def name_prefix(state: Values) -> str:
    """Return the name prefix for a state: the configured one, else empty."""
    prefix = state.get("name_prefix")
    return prefix if isinstance(prefix, str) else ""


def tag_list(tags: object) -> list[dict[str, str]]:
    """Write tags as most AWS services want them."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def tag_map(tags: object) -> dict[str, str]:
    """Read tags as most AWS services send them."""
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def change_tags(
    prior: Values,
    state: Values,
    put: Callable[[dict[str, str]], object],
    remove: Callable[[list[str]], object],
) -> None:
    """Bring tags from one state to another with as few calls as it takes."""
    old, new = prior.get("tags_all") or {}, state.get("tags_all") or {}
    if surplus := [key for key in old if key not in new]:
        remove(surplus)
    if missing := {key: value for key, value in new.items() if old.get(key) != value}:
        put(missing)
