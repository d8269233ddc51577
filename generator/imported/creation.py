"""Creation templates of the code in the topology's words, one for all registries that have it alike."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.estate.resources.shapes import TAG_FILTER
from generator.estate.spellings import holds_unknown
from generator.frozen_data import frozen
from generator.imported.caches import Placed
from generator.imported.facts import (
    Registry,
    as_json,
    known_text,
    role_named,
    role_to_begin_with,
    unknown_in,
    with_an_end,
)
from generator.imported.lines import Yaml
from generator.imported.names import slug, unused
from generator.imported.notes import Note, end_of_role, unknown_role
from generator.imported.world import World
from generator.model.estate import Absent, Attribute, Json, Kind, Known, Record, Unknown
from generator.model.topology import Mutability
from generator.model.values import ALIAS, ROOT
from generator.topology.text_checks import MAX_TAG_FILTERS, check_tag_filter

_DAYS = {"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days"}
_COUNT = {"tagStatus": "any", "countType": "imageCountMoreThan"}


@dataclass(slots=True, kw_only=True)
class Templates:
    """The templates by name, where each is used, and the documents that they name by their files."""

    placed: dict[Registry, dict[str, Placed]] = field(default_factory=dict)
    declared: dict[str, Mapping[str, Yaml]] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


@frozen
class _Wanted:
    """A template before it has a name; `documents` are its files by the ends of their names."""

    value: Mapping[str, Yaml]
    documents: Mapping[str, str]

    @property
    def spelling(self) -> str:
        return json.dumps([self.value, self.documents], sort_keys=True)


def templates_of(world: World) -> Templates:
    """Every creation template that the language has words for."""
    templates = Templates()
    wanted: list[tuple[Registry, str, Record, str, _Wanted, _Wanted]] = []
    for registry, prefix, record in world.facts.in_registries(Kind.CREATION_TEMPLATE):
        owner = f"template {registry.account} {registry.region} {prefix}"
        reason = world.choices.dropped.get(owner) or _why_not(record)
        if reason is not None:
            templates.notes.append(_lost(record, prefix, reason))
            continue
        as_written = _wanted(world, registry, record)
        what = f"creation template of `{prefix}`"
        if (doubt := unknown_in(record.get("custom_role_arn"))) is not None:
            stands_in = role_to_begin_with(doubt, prefix)
            templates.notes.append(unknown_role(record, what, doubt, stands_in))
        role = role_named(record.get("custom_role_arn"))
        if role is not None and role != with_an_end(role):
            templates.notes.append(end_of_role(record, what, with_an_end(role)))
        if (key := _unknown_key(record)) is not None:
            templates.notes.append(_key_not_known(record, prefix, key))
        anywhere = _filled_out(as_written, registry)
        wanted.append((registry, prefix, record, owner, as_written, anywhere))
    spellings: dict[str, set[str]] = {}
    for *_, as_written, anywhere in wanted:
        spellings.setdefault(anywhere.spelling, set()).add(as_written.spelling)
    names: dict[str, str] = {}
    for registry, prefix, record, owner, as_written, anywhere in wanted:
        if anywhere.spelling not in names:
            # What several registries have alike but for their own names takes placeholders.
            is_shared = len(spellings[anywhere.spelling]) > 1
            names[anywhere.spelling] = _declare(
                templates, prefix, anywhere if is_shared else as_written
            )
        templates.placed.setdefault(registry, {})[prefix] = Placed(
            value=names[anywhere.spelling], owner=owner, source=record.span
        )
    return templates


def _declare(templates: Templates, prefix: str, wanted: _Wanted) -> str:
    stem = "standard" if prefix == ROOT else slug(prefix)
    name = unused("standard" if stem == "none" else stem, templates.declared)
    value: dict[str, Yaml] = dict(wanted.value)
    for key, text in wanted.documents.items():
        file = f"policies/{name}-{key.replace('_', '-')}.json"
        value[key] = {"file": file}
        templates.documents[file] = text
    templates.declared[name] = value
    return name


def _lost(record: Record, prefix: str, reason: str) -> Note:
    return Note(
        title=f"The creation template of `{prefix}` is not in the topology",
        message=f"`{record.address}` is left out: {reason}",
        subject=f"{record.root} {record.address}",
        address=record.address,
        location=record.span,
    )


def _why_not(record: Record) -> str | None:
    if isinstance(record.get("custom_role_arn"), Absent) and (
        _is_set(record.get("resource_tags")) or _encryption(record) is not None
    ):
        return "it sets tags or KMS and names no role, without which ECR takes neither."
    for name, value in record.attributes.items():
        if name in {"description", "custom_role_arn"}:
            continue
        doubt = value if isinstance(value, Unknown) else None
        if isinstance(value, Known) and isinstance(value.value, Unknown):
            doubt = value.value
        if doubt is not None:
            return f"its `{name}` is not known: {doubt.reason} (`{doubt.reference}`)."
        if name == "encryption_configuration" and _unknown_key(record) is not None:
            continue
        if isinstance(value, Known) and holds_unknown(value.value):
            return f"a part of its `{name}` is not known."
    return _refused_mutability(record)


def _refused_mutability(record: Record) -> str | None:
    """Why ECR makes no template with such tags."""
    mutability = known_text(record.get("image_tag_mutability")) or "MUTABLE"
    exclusions = _exclusions(record)
    if mutability not in tuple(Mutability):
        return f"`{mutability}` is no mutability of tags."
    if Mutability(mutability).takes_exclusions != bool(exclusions):
        return (
            "filters of tags go with `MUTABLE_WITH_EXCLUSION` and `IMMUTABLE_WITH_EXCLUSION`, which want at "
            "least one: ECR refuses it."
        )
    if len(exclusions) > MAX_TAG_FILTERS or any(map(check_tag_filter, exclusions)):
        return "the AWS provider refuses its filters of tags."
    return None


def _is_set(value: Attribute) -> bool:
    return not isinstance(value, Absent) and not (
        isinstance(value, Known) and value.value in (None, "", (), {})
    )


def _wanted(world: World, registry: Registry, record: Record) -> _Wanted:
    value: dict[str, Yaml] = {}
    documents: dict[str, str] = {}
    mutability = known_text(record.get("image_tag_mutability")) or "MUTABLE"
    if mutability != "MUTABLE":
        value["mutability"] = mutability
    if exclusions := _exclusions(record):
        value["mutability_exclusions"] = exclusions
    encryption = _encryption(record)
    if encryption is not None:
        value["encryption"] = encryption
    tags = record.get("resource_tags")
    if isinstance(tags, Known) and isinstance(tags.value, Mapping) and tags.value:
        value["repository_tags"] = {key: str(text) for key, text in sorted(tags.value.items())}
    lifecycle = record.get("lifecycle_policy")
    if isinstance(lifecycle, Known) and lifecycle.value:
        short = _short_lifecycle(lifecycle.value)
        if short is None:
            documents["lifecycle"] = _pretty(lifecycle.value)
        else:
            value["lifecycle"] = short
    applied = record.get("applied_for")
    if isinstance(applied, Known) and isinstance(applied.value, tuple):
        words = sorted(map(str, applied.value))
        if words != ["PULL_THROUGH_CACHE"]:
            value["applied_for"] = words
    policy = record.get("repository_policy")
    if isinstance(policy, Known) and policy.value:
        documents["repository_policy"] = _pretty(policy.value)
    role = role_named(record.get("custom_role_arn"))
    needs_role = "repository_tags" in value or "encryption" in value
    is_made = (
        needs_role
        and role == world.iam.key("template")
        and registry.account not in world.choices.named_template_roles
        and world.facts.find(Kind.ROLE, registry.account, None, role) is not None
    )
    if role is not None and not is_made:
        value["role"] = with_an_end(role)
    if (doubt := unknown_in(record.get("custom_role_arn"))) is not None:
        value["role"] = role_to_begin_with(doubt, str(record.key))
    return _Wanted(value=value, documents=documents)


def _exclusions(record: Record) -> list[str]:
    """The filters of tags, in the order of the code."""
    filters = record.get(TAG_FILTER)
    blocks = filters.value if isinstance(filters, Known) else None
    found = [
        str(block.get("filter"))
        for block in (blocks if isinstance(blocks, tuple) else ())
        if isinstance(block, Mapping)
    ]
    return list(dict.fromkeys(found))


def _encryption(record: Record) -> "Yaml | None":
    """The encryption in the topology's words, `None` for ECR's own keys."""
    block = _encryption_block(record)
    if block.get("encryption_type") in (None, "AES256"):
        return None
    unknown = _unknown_key(record)
    if unknown is not None:
        return {"kms_key": _stand_in(unknown)}
    key = block.get("kms_key")
    if not isinstance(key, str) or not key:
        return str(block["encryption_type"])
    _, is_alias, alias = key.partition(f":key/{ALIAS}")
    return {"kms_key": f"{ALIAS}{alias}" if is_alias else key}


def _encryption_block(record: Record) -> Mapping[str, Json]:
    attribute = record.get("encryption_configuration")
    block = attribute.value if isinstance(attribute, Known) else None
    if isinstance(block, tuple):
        block = block[0] if len(block) == 1 else None
    return block if isinstance(block, Mapping) else {}


def _unknown_key(record: Record) -> Unknown | None:
    """The key of a template, where it is all that is not known of its encryption."""
    block = _encryption_block(record)
    key = block.get("kms_key")
    others = [value for name, value in block.items() if name != "kms_key"]
    return key if isinstance(key, Unknown) and not any(map(holds_unknown, others)) else None


def _stand_in(key: Unknown) -> str:
    """An alias to begin with, in the code's own word for the key."""
    words = re.findall(r"[A-Za-z0-9_-]+", key.reference)
    is_given = len(words) < 3 or words[0] in ("var", "local")
    return f"{ALIAS}{slug(words[-1] if is_given else words[-2])}" if words else f"{ALIAS}key"


def _key_not_known(record: Record, prefix: str, key: Unknown) -> Note:
    return Note(
        title=f"The key of the creation template of `{prefix}` is not known",
        message=(
            f"The key that `{record.address}` names is `{key.reference}`: {key.reason}, and the code gives it "
            f"no alias, or several. The topology has `kms_key: {_stand_in(key)}` to begin with; put the "
            "key's own alias or ARN there."
        ),
        subject=f"{record.root} {record.address} key",
        address=record.address,
        location=record.get("encryption_configuration").span or record.span,
    )


def _short_lifecycle(document: Json) -> "Yaml | None":
    """The lifecycle policy in the topology's short words, where it has some for it."""
    rules = document.get("rules") if isinstance(document, Mapping) else None
    if not isinstance(rules, tuple) or len(rules) != 1 or not isinstance(rules[0], Mapping):
        return None
    rule = rules[0]
    selection, action = rule.get("selection"), rule.get("action")
    if not isinstance(selection, Mapping) or action != {"type": "expire"}:
        return None
    number = selection.get("countNumber")
    rest = {key: item for key, item in selection.items() if key != "countNumber"}
    if isinstance(number, bool) or not isinstance(number, int | float) or number != int(number):
        return None
    if rest == _DAYS:
        return {"expire_after_days": int(number)}
    return {"keep_images": int(number)} if rest == _COUNT else None


def _pretty(document: Json) -> str:
    text = json.dumps(json.loads(as_json(document)), indent=2, ensure_ascii=False) + "\n"
    # Half of a surrogate pair is no character that a file can hold; JSON has an escape for it.
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)


def _filled_out(wanted: _Wanted, registry: Registry) -> _Wanted:
    """The template with placeholders for what belongs to one registry."""
    value = dict(wanted.value)
    encryption = value.get("encryption")
    if isinstance(encryption, Mapping):
        key = encryption["kms_key"]
        value["encryption"] = {"kms_key": _anywhere(str(key), registry)}
    documents = {key: _anywhere(text, registry) for key, text in wanted.documents.items()}
    return _Wanted(value=value, documents=documents)


def _anywhere(text: str, registry: Registry) -> str:
    return text.replace(registry.account, "{account_id}").replace(registry.region, "{region}")
