"""Which results are about which intended records, found in one pass over the results."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from generator.drift.words import RecordWords
from generator.model.finding import Finding, FindingKind
from generator.model.reading import Source


class ResultsByRecord:
    """The results about each intended record.

    Every result is looked at once: with many accounts that all differ, asking each result about each
    record would take minutes.
    """

    def __init__(
        self, words: Sequence[RecordWords], findings: Sequence[Finding], source: Source
    ) -> None:
        self._findings = findings
        self._about = _by_beginning(frozenset(each.subject for each in words), findings, source)
        self._naming = _by_naming(frozenset(each.what for each in words), findings)

    def fingerprints(self, words: RecordWords, is_found: Callable[[], bool]) -> tuple[str, ...]:
        """The fingerprints of the results about a record, in the order of the results.

        What may be somewhere that was not read (it is not found) is named by the result that says so.
        """
        places = self._about.get(words.subject, ())
        if words.what in self._naming and not is_found():
            places = sorted({*places, *self._naming[words.what]})
        return tuple(self._findings[place].fingerprint for place in places)


def _by_beginning(
    subjects: frozenset[str], findings: Iterable[Finding], source: Source
) -> Mapping[str, Sequence[int]]:
    """The places of the results whose subject is one of these, or begins with it and a space."""
    longest = max(map(len, subjects), default=0)
    found: dict[str, list[int]] = {}
    for place, finding in enumerate(findings):
        own = finding.subject
        if source is not Source.CODE:
            own = own.removeprefix(f"{source} ")
        end = own.find(" ")
        while 0 <= end <= longest:
            if own[:end] in subjects:
                found.setdefault(own[:end], []).append(place)
            end = own.find(" ", end + 1)
        if own in subjects:
            found.setdefault(own, []).append(place)
    return found


def _by_naming(words: frozenset[str], findings: Iterable[Finding]) -> Mapping[str, Sequence[int]]:
    """The places of the open questions whose message holds one of these words for a record."""
    lengths = sorted({len(word) for word in words})
    # All of them begin alike, with the article.
    beginning = "the "
    found: dict[str, list[int]] = {}
    for place, finding in enumerate(findings):
        if finding.kind is not FindingKind.UNDECIDED:
            continue
        message, start = finding.message, finding.message.find(beginning)
        named: set[str] = set()
        while start >= 0:
            for length in lengths:
                if (word := message[start : start + length]) in words:
                    named.add(word)
            start = message.find(beginning, start + 1)
        for word in named:
            found.setdefault(word, []).append(place)
    return found
