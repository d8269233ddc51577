"""Functions that write a value as a text of some format, read one, or digest it."""

import base64
import binascii
import hashlib
import re
import urllib.parse
from collections.abc import Callable, Mapping

from generator.hcl.conversions import as_text
from generator.hcl.functions.signatures import Arguments, Function, function, text_function
from generator.hcl.json_text import decode, encode_parts
from generator.hcl.values import (
    LONGEST_TEXT,
    Content,
    EvaluationError,
    Fields,
    JsonText,
    NotComputedError,
    UnknownContent,
    Value,
    derived,
    is_small,
)


def _base64decode(arguments: Arguments) -> str:
    try:
        return base64.b64decode(
            re.sub(r"[\r\n]", "", as_text(arguments[0])), validate=True
        ).decode()
    except (binascii.Error, ValueError):
        raise EvaluationError("the text is not base64 of UTF-8") from None


def _hash(name: str) -> Callable[[Arguments], str]:
    def digest(arguments: Arguments) -> str:
        return hashlib.new(name, as_text(arguments[0]).encode(), usedforsecurity=False).hexdigest()

    return digest


def _base64_hash(name: str) -> Callable[[Arguments], str]:
    def digest(arguments: Arguments) -> str:
        value = hashlib.new(name, as_text(arguments[0]).encode(), usedforsecurity=False)
        return base64.b64encode(value.digest()).decode()

    return digest


def _jsondecode(arguments: Arguments) -> Value:
    return decode(arguments[0])


def _jsonencode(arguments: Arguments) -> Content:
    if isinstance(arguments[0].content, UnknownContent) and arguments[0].content.origin is None:
        # Its structure is unknown too, unless it is an attribute that is a text.
        return derived(arguments[0].content)
    if not is_small(arguments[0]):
        raise NotComputedError("the value is too large")
    parts = encode_parts(arguments[0])
    if sum(len(part) for part in parts if isinstance(part, str)) > LONGEST_TEXT:
        raise NotComputedError("the text is too long")
    return JsonText(document=arguments[0])


def _urlencode(arguments: Arguments) -> str:
    return urllib.parse.quote_plus(as_text(arguments[0]))


def _arn_parse(arguments: Arguments) -> Fields:
    words = as_text(arguments[0]).split(":", 5)
    if len(words) != 6 or words[0] != "arn":
        raise EvaluationError("the text is not an ARN")
    names = ("partition", "service", "region", "account_id", "resource")
    return Fields(values={name: Value(word) for name, word in zip(names, words[1:], strict=True)})


FUNCTIONS: Mapping[str, Function] = {
    "base64decode": function(_base64decode, 1),
    "base64encode": text_function(lambda text: base64.b64encode(text.encode()).decode()),
    "base64sha256": function(_base64_hash("sha256"), 1),
    "base64sha512": function(_base64_hash("sha512"), 1),
    "jsondecode": function(_jsondecode, 1, needs="nothing"),
    "jsonencode": function(_jsonencode, 1, needs="nothing"),
    "md5": function(_hash("md5"), 1),
    "provider::aws::arn_parse": function(_arn_parse, 1),
    "sha1": function(_hash("sha1"), 1),
    "sha256": function(_hash("sha256"), 1),
    "sha512": function(_hash("sha512"), 1),
    "urlencode": function(_urlencode, 1),
}
