"""Conditions that are not known: a root is read once more for each way in which they may turn out.

`credential_arn = var.is_private ? aws_secretsmanager_secret.hub.arn : null` is a rule with a credential
or one without. The same condition turns out alike wherever it stands, so that all that hangs on one
switch is judged as a whole.
"""

from generator.hcl.values import UnknownContent

MOST_READINGS = 8
"""How often a root is read with something supposed about its conditions."""


class Conditions:
    """The conditions of one root, noted while nothing is supposed about them.

    Each asks of something whether it is one of some words: `var.stage == "prod"` whether a stage is
    `prod`, a plain `var.is_private` whether it is `true`. It may be none of them as well. `doubt` is what
    the first of them hangs on.
    """

    def __init__(self, words: dict[str, dict[str, None]] | None = None, number: int = -1) -> None:
        self._words = {} if words is None else words
        self._number = number
        self.doubt: UnknownContent | None = None

    @property
    def readings(self) -> int:
        """In how many ways the root is to be read."""
        most = max((len(words) + 1 for words in self._words.values()), default=0)
        return min(most, MOST_READINGS)

    def supposed(self, number: int) -> "Conditions":
        """The same conditions as they turn out in one of the readings."""
        return Conditions(self._words, number)

    def answer(self, about: str, word: str, doubt: UnknownContent) -> bool | None:
        """Whether something is a word; `None` while nothing is supposed, and then the doubt is noted."""
        if self._number < 0:
            self.doubt = self.doubt or doubt
            self._words.setdefault(about, {})[word] = None
            return None
        words = [*self._words.get(about, (word,))]
        number = self._number % (len(words) + 1)
        return number < len(words) and words[number] == word
