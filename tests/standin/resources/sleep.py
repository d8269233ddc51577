"""`time_sleep` of `hashicorp/time`: it plans like the real one and does not sleep at all."""

# ruff: noqa: ARG002 - all types share the signatures of ResourceType

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from .kinds import ResourceType

if TYPE_CHECKING:
    from standin.values import Values


class Sleep(ResourceType):
    """`time_sleep`: the id is the time of creation."""

    is_sdk = False

    def create(self, state: Values, config: Values) -> None:
        state["id"] = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"

    def read(self, state: Values) -> Values | None:
        return state

    def delete(self, state: Values) -> None:
        pass
