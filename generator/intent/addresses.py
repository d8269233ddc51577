"""The Terraform addresses that generated code promises to keep.

State holds on to them: a later version that changes one has to ship `moved` blocks.
"""

from generator.model.values import Region

UPSTREAM_ACCESS = "module.upstream_access"
"""The roles for cross-account upstreams."""

TEMPLATE_ROLE = "module.template_role"
"""The roles of creation templates."""

PULLERS = "module.pullers"
"""The policies of those who pull."""


def caches(region: Region) -> str:
    """The module call with a region's cache rules."""
    return f"module.cache_{label(region)}"


def credentials(region: Region) -> str:
    """The module call with a region's secrets."""
    return f"module.credentials_{label(region)}"


def access(region: Region) -> str:
    """The module call with a region's registry policy."""
    return f"module.access_{label(region)}"


def label(region: Region) -> str:
    """A region as a part of an identifier."""
    return region.replace("-", "_")


def instance(module: str, resource: str, key: str) -> str:
    """The address of one instance of a module's resource, as Terraform prints it."""
    return f'{module}.{resource}["{key}"]'


def call_name(address: str) -> str:
    """The label of a module call of a root, by its address."""
    return address.removeprefix("module.")
