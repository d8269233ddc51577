"""`data "aws_ecr_lifecycle_policy_document"`: the JSON document that the provider makes of its blocks."""

from collections.abc import Mapping

from generator.hcl.bodies import blocks_value
from generator.hcl.scope import Scope
from generator.hcl.syntax import Body
from generator.hcl.values import Fields, Items, JsonText, UnknownContent, Value
from generator.model.span import Span

_SELECTION = {
    "tag_status": "tagStatus",
    "tag_pattern_list": "tagPatternList",
    "tag_prefix_list": "tagPrefixList",
    "storage_class": "storageClass",
    "count_type": "countType",
    "count_unit": "countUnit",
    "count_number": "countNumber",
}
_ACTION = {"type": "type", "target_storage_class": "targetStorageClass"}
_EXPIRE = Value(Fields(values={"type": Value("expire")}))


def lifecycle_document(body: Body, scope: Scope, span: Span) -> Value:
    """The attribute `json`; without an action, a rule expires images."""
    rules = blocks_value(body, "rule", scope, span)
    if not isinstance(rules.content, Items):
        return rules
    document = Fields(
        values={"rules": Value(Items(values=tuple(map(_rule, rules.content.values))), span)}
    )
    return Value(JsonText(document=Value(document, span), is_exact=False), span)


def _rule(block: Value) -> Value:
    if not isinstance(block.content, Fields):
        return block
    written = block.content.values
    fields = {"rulePriority": written.get("priority", Value(None))}
    if (description := written.get("description")) is not None and description.content is not None:
        fields["description"] = description
    fields["selection"] = _named(written.get("selection"), _SELECTION) or Value(None)
    fields["action"] = _named(written.get("action"), _ACTION) or _EXPIRE
    return Value(Fields(values=fields), block.span)


def _named(blocks: Value | None, names: Mapping[str, str]) -> Value | None:
    """The one nested block of a kind with its arguments as the API names them, if it is there."""
    if blocks is None:
        return None
    content = blocks.content
    block = content.values[0] if isinstance(content, Items) and content.values else blocks
    if isinstance(block.content, UnknownContent):
        return block
    if not isinstance(block.content, Fields):
        return None
    fields = {
        name: value
        for argument, name in names.items()
        if (value := block.content.values.get(argument)) is not None and value.content is not None
    }
    return Value(Fields(values=fields), block.span)
