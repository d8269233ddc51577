"""Policy statements as JSON-like values."""

from collections.abc import Sequence

from generator.model.estate import Json


def allow(actions: Sequence[str], resources: Sequence[str]) -> Json:
    """A statement of an identity policy that allows actions on resources."""
    return {"Effect": "Allow", "Action": tuple(actions), "Resource": tuple(resources)}
