"""The folders that `generate` writes beside the roots."""

from generator.model.values import Region

MODULES_FOLDER = "modules"
"""Where the copies of the modules lie below the output folder."""


def exported_file(region: Region) -> str:
    """The file with the statements that the owner of a region's registry policy adds."""
    return f"registry-policy.{region}.json"
