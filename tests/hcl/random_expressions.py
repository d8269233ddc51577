"""Random expressions over every function that is evaluated, odd texts and edges included."""

from __future__ import annotations

import json
import random

TEXTS = (
    "", "a", "A", "ab", "aab", "a b", " a ", "é", "e\u0301", "i\u0307", "ß", "\u017f", "ǆ", "K", "\u00a0x", "a\nb", "a\n", "\t",
    "a\u000bc", "0", "-0", "1", "+5", "007", "1.50", "1e3", "0x1f", "true", "false", "null", "a,b,,c", "x/y/z", "../a", "/",
    "a-b_c", "%s", "%d", "%%", "$1", "${", "\\d+", "[a-z]*", "(a)|(b)", "a*", "YQ==", "YWI=\n", "w6k=", "ZcyB", "!!", "{}",
    "[1,2]", '{"a":1,"b":[true,null]}', '"\\ud800"', '{"a":1,"a":2}', "null", "1.0", "日本", "👍🏽", "\u2028", "<&>", "ZZ", "-1z",
    "arn:aws:iam::111122223333:role/x",
)  # fmt: skip
PATTERNS = (
    "a*", "a+", "(a)(b)?", "[^a]", r"\\s", r"\\w+", "^a", "b$", "(?i)A", "a|ab", "", "(?P<x>a)", "((a)|(b))*", "a{2}", "[[:alpha:]]+",
    "(|a)*", "(a*)*", "a??", r"\\b", "(?m)^.", "(?s)a.", ".", "x{0,2}?b", r"[\\d-]+", "(a|b)(?P<n>c)", "a{1001}", "[b-a]", "(",
)  # fmt: skip
NUMBERS = (
    "0", "1", "2", "-1", "3", "10", "-7", "0.5", "-0.1", "1.5", "2.50", "1e3", "255", "1000", "0.1", "123456789012345678",
)  # fmt: skip
YAMLS = (
    "a: 1", "a: b\nc: [d, 'e', 2.5]", "- x\n- y: z\n- null", "a: {b: ~, c: true}", "hub: registry-1.docker.io\nquay: quay.io\n", "a: yes",
    "a: 0x1f", "a: 1_000", "a: 2020-01-01", "a: &x 1\nb: *x", "a: 1\na: 2", "1: a", "a: |\n  x\n  y\n", "a: >-\n  x\n  y\n", "--- a", "a:",
    "- ''", '"a": "\\u00e9"', "a: !!str 1", "[1, 2", "a: -1.50", "a: 1e3", "a: b: c", "# x", "a: x # y", "? a\n: b", "a: e\u0301", "- - a",
)  # fmt: skip
CSVS = ("a,b\n1,2\n", "a,b\n1\n", "a,a\n1,2", "a\n\nb\n", "a, b\nx, y", "a", "", ",\n1,2", "a,b\n1,2,3", "é\ne\u0301")  # fmt: skip
NETWORKS = (
    "10.0.0.0/8", "192.168.1.7/24", "172.16.0.0/12", "10.0.0.0/30", "0.0.0.0/0", "1.2.3.4/32", "2001:db8::/32", "fd00:fd12:3456:7890::/56",
    "10.0.0.0", "10.0.0/8", "10.0.0.0/33", "a/8", "::/0", "2001:db8::1/128",
)  # fmt: skip
TIMES = (
    "2020-02-29T00:00:00Z", "2018-01-02T23:12:01Z", "2024-12-31T12:00:00+02:00", "2023-07-04T01:02:03-07:30", "0001-01-01T00:00:00Z",
    "2020-01-01", "2020-13-01T00:00:00Z", "2020-01-01T00:00:00+00:00",
)  # fmt: skip
DURATIONS = ("1h", "10m", "-3h30m", "1h1m1s", "0", "90000s", "1d", "", "h")
DATES = (
    "DD MMM YYYY hh:mm ZZZ", "EEEE, DD-MMM-YY hh:mm:ss ZZZ", "EEE, DD MMM YYYY hh:mm:ss ZZZ", "MMM DD, YYYY", "HH:mmaa", "h'h'mm'm'", "D/M/YY H AA",
    "YYYY-MM-DD'T'hh:mm:ssZ", "YYYYY", "x", "''", "'it''s' s", "ZZZZ ZZZZZ", "MMMM EEEE",
)  # fmt: skip
ENCODINGS = ("UTF-8", "UTF-16LE", "utf-16be", "ISO-8859-1", "nothing")
SPACES = ("dns", "url", "oid", "x500", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "a")
FORMATS = ("%s", "%d", "%5s|", "%-5s|", "%05d", "%.2f", "%q", "%v", "%t", "%x", "%b", "%s-%s", "%[2]s%[1]s", "%+d", "%%", "%#v", "%e", "%.1s")  # fmt: skip

# What each function takes: t text, n number, b boolean, l list, m map, v any value, p pattern, f format.
CALLS = (
    "abs n", "alltrue L", "anytrue L", "base64decode t", "base64encode t", "base64sha256 t", "base64sha512 t", "basename t",
    "ceil n", "chomp t", "chunklist ln", "coalesce tt", "coalesce vv", "coalescelist ll", "compact T", "concat ll", "concat lll",
    "contains lv", "contains Tt", "dirname t", "distinct l", "distinct T", "element ln", "endswith tt", "flatten l", "floor n", "format fv",
    "format fvv", "format ft", "format fn", "formatlist fl", "formatlist flT", "indent nt", "index lv", "join tT", "join tTT",
    "jsondecode t", "jsonencode v", "keys m", "length v", "length t", "lookup mtv", "lookup mt", "lower t", "matchkeys TTT", "max nn",
    "md5 t", "merge mm", "min nn", "one l", "parseint tn", "pow nn", "range n", "range nn", "range nnn", "regex pt", "regexall pt",
    "replace ttt", "replace tPt", "reverse l", "setintersection TT", "setproduct TT", "setproduct ll", "setsubtract TT", "setunion TT",
    "setunion lT", "sha1 t", "sha256 t", "sha512 t", "signum n", "slice lnn", "sort T", "split tt", "startswith tt", "strcontains tt",
    "strrev t", "substr tnn", "sum N", "title t", "tobool v", "tolist l", "tolist T", "tomap m", "tonumber v", "tonumber t", "toset l", "toset T",
    "tostring v", "transpose M", "trim tt", "trimprefix tt", "trimspace t", "trimsuffix tt", "upper t", "urlencode t", "values m",
    "zipmap Tl", "zipmap TT", "cidrhost wn", "cidrnetmask w", "cidrsubnet wnn", "cidrsubnets wnn", "cidrsubnets w", "timeadd du", "timecmp dd",
    "formatdate Dd", "textencodebase64 te", "textdecodebase64 te", "uuidv5 st", "log nn", "yamlencode v", "yamlencode m", "yamlencode l",
    "yamldecode y", "yamldecode t", "csvdecode c", "csvdecode t",
)  # fmt: skip


def called_functions() -> set[str]:
    """The names of the functions that the expressions call."""
    return {call.split()[0] for call in CALLS}


class RandomExpressions:
    """Expressions as text, from one seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a choice, not a secret

    def expression(self, depth: int = 2) -> str:
        """One expression."""
        chance = self._chance
        if depth and chance.random() < 0.75:
            name, kinds = chance.choice(CALLS).split()
            return f"{name}({', '.join(self._argument(kind, depth - 1) for kind in kinds)})"
        match chance.randrange(8):
            case 0:
                sign = chance.choice(["+", "-", "*", "/", "%", "<", ">", "<=", ">="])
                return f"({self._argument('n', depth - 1)} {sign} {self._argument('n', depth - 1)})"
            case 1:
                sign = chance.choice(["==", "!="])
                return f"({self._argument('v', depth - 1)} {sign} {self._argument('v', depth - 1)})"
            case 2:
                test = self._argument("b", depth - 1)
                return f"({test} ? {self._argument('v', depth - 1)} : {self._argument('v', depth - 1)})"
            case 3:
                return f"[for k, v in {self._argument('l', depth - 1)} : v]"
            case 4:
                return f"{{ for k, v in {self._argument('m', depth - 1)} : k => v... }}"
            case 5:
                return (
                    f'"${{{self._argument("t", depth - 1)}}}-${{{self._argument("t", depth - 1)}}}"'
                )
            case 6:
                return f"try({self._argument('v', depth)}, {self._argument('t', 0)})"
            case _:
                return self._argument("v", depth - 1)

    def _argument(self, kind: str, depth: int) -> str:
        chance = self._chance
        if depth > 0 and chance.random() < 0.3:
            return self.expression(depth)
        match kind:
            case "t":
                return quoted(chance.choice(TEXTS))
            case "y":
                return quoted(chance.choice(YAMLS))
            case "w":
                return quoted(chance.choice(NETWORKS))
            case "d":
                return quoted(chance.choice(TIMES))
            case "u":
                return quoted(chance.choice(DURATIONS))
            case "D":
                return quoted(chance.choice(DATES))
            case "e":
                return quoted(chance.choice(ENCODINGS))
            case "s":
                return quoted(chance.choice(SPACES))
            case "c":
                return quoted(chance.choice(CSVS))
            case "n":
                return chance.choice(NUMBERS)
            case "b":
                return chance.choice(["true", "false", "!true", '"true"'])
            case "p":
                return '"' + chance.choice(PATTERNS) + '"'
            case "P":
                return '"/' + chance.choice(PATTERNS) + '/"'
            case "f":
                return quoted(chance.choice(FORMATS))
            case "l":
                return self._list(chance.choice("tnbv"))
            case "T":
                listed = self._list("t")
                return chance.choice([listed, listed, f"toset({listed})"])
            case "L":
                return self._list("b")
            case "N":
                return self._list("n")
            case "m":
                return self._map(chance.choice("tnv"))
            case "M":
                return self._map("T")
            case _:
                return self._argument(
                    chance.choice("ttnblm") if depth >= 0 else chance.choice("tnb"), depth - 1
                )

    def _list(self, kind: str) -> str:
        items = [self._argument(kind, -1) for _ in range(self._chance.randrange(4))]
        return f"[{', '.join(items)}]"

    def _map(self, kind: str) -> str:
        names = self._chance.sample(["a", "b", "é", "a b", "1"], self._chance.randrange(4))
        items = [f"{quoted(name)} = {self._argument(kind, -1)}" for name in names]
        return f"{{ {', '.join(items)} }}"


def quoted(text: str) -> str:
    """A text as HCL writes it, character by character as given."""
    written = json.dumps(text, ensure_ascii=False).replace("\\u000b", "\\u000B")
    return written.replace("${", "$${").replace("%{", "%%{")
