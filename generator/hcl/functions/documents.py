"""Functions that read a text as YAML or as CSV.

What two readers of YAML could understand in two ways is not computed.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from generator.hcl.conversions import as_text
from generator.hcl.functions.signatures import Arguments, Function, function, list_of
from generator.hcl.scalars import NUMBERS, number_content
from generator.hcl.unicode_text import normalised
from generator.hcl.values import Content, EvaluationError, Fields, Items, NotComputedError, Value

if TYPE_CHECKING:
    from yaml.nodes import Node, ScalarNode

LONGEST_YAML = 200_000
DEEPEST_YAML = 50
MOST_YAML = 20_000
_NOT_EVALUATED = "the YAML is not evaluated"
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}")
# Numbers, dates, booleans and nothings of one version of YAML that are texts in another one.
_UNCERTAIN = re.compile(
    r"[-+]?[.0-9].*|y|n|yes|no|on|off|true|false|null|nan|[-+]?\.?inf|~.*|=|<<|[-+]", re.IGNORECASE
)


def _yamldecode(arguments: Arguments) -> Value:
    import yaml

    text = as_text(arguments[0])
    if len(text) > LONGEST_YAML or "\t" in text:
        raise NotComputedError(_NOT_EVALUATED)
    try:
        for number, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
            # An alias stands for what may hold other aliases.
            is_tagged = getattr(event, "tag", None) is not None
            if number > MOST_YAML or isinstance(event, yaml.AliasEvent) or is_tagged:
                raise NotComputedError(_NOT_EVALUATED)
        return _value(yaml.compose(text, Loader=yaml.SafeLoader), 0)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise NotComputedError(_NOT_EVALUATED) from None


def _value(node: "Node | None", depth: int) -> Value:
    import yaml

    if depth > DEEPEST_YAML:
        raise NotComputedError(_NOT_EVALUATED)
    match node:
        case yaml.ScalarNode():
            return Value(_scalar(node))
        case yaml.SequenceNode(value=items, tag="tag:yaml.org,2002:seq"):
            return Value(Items(values=tuple(_value(item, depth + 1) for item in items)))
        case yaml.MappingNode(value=members, tag="tag:yaml.org,2002:map"):
            fields: dict[str, Value] = {}
            for key, item in members:
                name = _value(key, depth + 1).content
                if not isinstance(name, str) or name in fields:
                    raise NotComputedError(_NOT_EVALUATED)
                fields[name] = _value(item, depth + 1)
            return Value(Fields(values=fields))
        case _:
            raise NotComputedError(_NOT_EVALUATED)


def _scalar(node: "ScalarNode") -> Content:
    text = str(node.value)
    if node.style is not None:
        if node.tag != "tag:yaml.org,2002:str":
            raise NotComputedError(_NOT_EVALUATED)
        return normalised(text)
    if text in ("true", "false"):
        return text == "true"
    if text in ("", "null", "~"):
        return None
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return number_content(NUMBERS.create_decimal(text))
    if _UNCERTAIN.fullmatch(text) or node.tag != "tag:yaml.org,2002:str":
        raise NotComputedError(_NOT_EVALUATED)
    return normalised(text)


def _csvdecode(arguments: Arguments) -> Items:
    text = as_text(arguments[0])
    # What Go refuses and Python takes, or the other way round, is left alone.
    if '"' in text or "\r" in text or "\0" in text:
        raise NotComputedError("the CSV is not evaluated")
    lines = [line.split(",") for line in text.split("\n") if line]
    if not lines:
        raise NotComputedError("the CSV is empty")
    names, *rows = lines
    if len(set(names)) < len(names):
        raise EvaluationError("two columns have the same name")
    if any(len(row) != len(names) for row in rows):
        raise EvaluationError("a row has more or fewer fields than the first one")
    return list_of(
        [
            Value(Fields(values={name: Value(word) for name, word in zip(names, row, strict=True)}))
            for row in rows
        ]
    )


FUNCTIONS: Mapping[str, Function] = {
    "csvdecode": function(_csvdecode, 1),
    "yamldecode": function(_yamldecode, 1),
}
