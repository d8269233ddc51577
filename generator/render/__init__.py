"""Turn values into Terraform text through the Jinja templates; the only user of Jinja."""

from generator.render.environment import render
from generator.render.literal import Encoded, Reference, Text, hcl

__all__ = ["Encoded", "Reference", "Text", "hcl", "render"]
