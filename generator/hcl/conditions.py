"""Conditions that are not known: a root is read once more for each way in which they may turn out.

`credential_arn = var.is_private ? aws_secretsmanager_secret.hub.arn : null` is a rule with a credential
or one without. The same condition turns out alike wherever it stands, so that all that hangs on one
switch is judged as a whole.
"""

from generator.hcl.values import UnknownContent

MOST_READINGS = 12
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
        """In how many ways the root is to be read: each thing as each word, and each two apart."""
        return min(self._uniform + 2 * self._bits, MOST_READINGS)

    @property
    def _uniform(self) -> int:
        return max((len(words) + 1 for words in self._words.values()), default=0)

    @property
    def _bits(self) -> int:
        """By how many digits of their numbers any two things can be told apart."""
        return max(len(self._words) - 1, 0).bit_length()

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
        number = self._turn(about) % (len(words) + 1)
        return number < len(words) and words[number] == word

    def _turn(self, about: str) -> int:
        """Which of its words something is in this reading, counted from nought; -1 for none of them.

        First all things take the same turn. Then those whose number has a digit take the first
        word, all others none, and the other way round: what needs one thing and not another is met.
        """
        if self._number < self._uniform or about not in self._words:
            return self._number
        digit, is_turned = divmod(self._number - self._uniform, 2)
        has_digit = bool([*self._words].index(about) >> digit & 1)
        return 0 if has_digit is bool(is_turned) else -1
