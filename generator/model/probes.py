"""What is asked of AWS about one pull, beside the facts of a snapshot."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from generator.frozen_data import frozen
from generator.model.snapshot import NotRead
from generator.model.values import AccountId, Region


class Presence(StrEnum):
    """How much of an image a registry has."""

    IMAGE = "image"
    REPOSITORY = "repository"
    NOTHING = "nothing"


@frozen
class ImageAnswer:
    """What a registry has of an image; `status` is ECR's word for it (`ACTIVE`, `ARCHIVED`)."""

    presence: Presence | None
    status: str = ""
    not_read: NotRead | None = None


@frozen
class Validation:
    """Whether ECR can log in upstream with a cache rule's credential, and its words where not."""

    is_valid: bool | None
    failure: str = ""
    not_read: NotRead | None = None


@frozen
class SimulatedAction:
    """What IAM says of one action of a role; `None` for a layer that it does not speak of."""

    action: str
    is_allowed: bool
    by_organization: bool | None = None
    by_boundary: bool | None = None


@frozen
class Simulation:
    """What IAM says of a role's actions on one resource."""

    actions: tuple[SimulatedAction, ...] = ()
    not_read: NotRead | None = None


class Probes(Protocol):
    """Somebody who can ask AWS about a pull."""

    def image(
        self, account: AccountId, region: Region, repository: str, reference: str
    ) -> ImageAnswer:
        """Whether a registry has an image; `reference` is its tag, or its digest with `sha256:`."""
        ...

    def validation(self, account: AccountId, region: Region, prefix: str) -> Validation:
        """Have ECR log in upstream as a cache rule does."""
        ...

    def simulation(
        self, account: AccountId, role_arn: str, actions: Sequence[str], resource: str
    ) -> Simulation:
        """Have IAM decide what a role may do, with the organization's policies and its boundary."""
        ...
