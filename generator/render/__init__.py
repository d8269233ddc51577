"""Turn values into Terraform text, and into a page, through the Jinja templates; the only user of Jinja."""

from generator.render.environment import render
from generator.render.html import Markup, render_html
from generator.render.literal import Encoded, Reference, Text, hcl

__all__ = ["Encoded", "Markup", "Reference", "Text", "hcl", "render", "render_html"]
