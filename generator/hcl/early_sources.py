"""Sources of modules that OpenTofu works out before it fetches them."""

from dataclasses import replace

from generator.hcl.evaluation import evaluate_or_unknown
from generator.hcl.project import Project
from generator.hcl.scope import Scope
from generator.hcl.settings import Engine
from generator.hcl.syntax import Block, Literal


def with_plain_source(call: Block, scope: Scope, project: Project) -> Block:
    """A module call whose `source` and `version` are texts, where OpenTofu can tell them."""
    if project.settings.engine is not Engine.TOFU:
        return call
    attributes = dict(call.body.attributes)
    for name in ("source", "version"):
        written = attributes.get(name)
        if written is None or isinstance(written.expression, Literal):
            continue
        content = evaluate_or_unknown(written.expression, scope).content
        if isinstance(content, str):
            plain = Literal(value=str(content), span=written.expression.span)
            attributes[name] = replace(written, expression=plain)
    return replace(call, body=replace(call.body, attributes=attributes))
