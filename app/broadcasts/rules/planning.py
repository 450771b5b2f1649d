"""How many people to ask next: as few as will do, in time: pure.

The question at each look: with the yes that are still in the air, and with
later waves to come, how few may be asked now?

*What is known.* Each person has an estimated chance of yes (`chances`), and
answers come by a curve (`curve`). Both may be wrong for this request, so it
learns from its own answers: all chances share a factor, `willingness`, a
Gamma distribution of mean 1 that each yes raises and each answer or silence
that brought none lowers, by as much as it should by now have brought.

*Later waves.* In the time left there is room for r more rounds, each long
enough for most answers to come. If each round that is left fills the request
with the chance s, all of them fail with (1 - s)^r; so for a target of 95 in
100 this round needs no more than s = 1 - 0.05^(1/r). With the evening before
us that is little, and few are asked; in the last round it is the target
itself, so the request widens by itself as the deadline comes near.

*What cannot wait.* Leaving people for a later round is free only while the
later round is long enough, and those left over are many enough. So enough
are also asked that asking all others a round later would do nearly as well
as asking everybody at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate
from typing import Final

from app.broadcasts.rules.curve import Curve
from app.broadcasts.rules.tally import at_least

# How likely a request is to be full in time, where enough people fit.
TARGET: Final = 0.95
# The last round is so long that this share of the answers comes in it; those before it are
# shorter, because who is silent in one may still answer in the next.
LAST_SHARE: Final = 0.4
ROUND_SHARE: Final = 0.3
# However far off the deadline is, rounds are counted over so many minutes: the coordinator
# wants to know today. In the benchmark more patience saves no more texts.
PATIENCE: Final = 360.0
# How sure we are of everybody's chances before anybody answered: a Gamma of this shape lies
# between half and twice its mean in 95 of 100 requests.
SURENESS: Final = 8.0
# Of those who say yes, so many cannot come after all, before it begins.
DROP_OUT: Final = 0.08
# Leaving people for a later round may lower the chance by so much, over all rounds together.
LEEWAY: Final = 0.1
# A text that fills a place less often than once in a thousand times is not worth sending:
# minutes before the end hundreds would be asked who could no longer answer.
WORTH: Final = 0.001
# Nobody is surer than this to say yes.
SUREST: Final = 0.95
# We look again so many times in the time left; minutes apart at least, and at most.
LOOKS: Final = 40
SOONEST: Final = 1.0
LATEST: Final = 10.0
_FEW_ROUNDS: Final = 8.0


@dataclass(frozen=True, kw_only=True)
class Wave:
    """People who were asked together, as they stand now."""

    minutes_ago: float
    chance: float  # of yes, each, as it was estimated when they were asked
    silent: int
    yes: int = 0
    no: int = 0  # said something, and not yes


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a request stands when the next wave is chosen.

    `next_chances` are the chances of those who would be asked next, in that
    order; `more` are so many after them, each with `more_chance`.
    """

    places_left: int
    minutes_left: float
    waves: Sequence[Wave] = ()
    next_chances: Sequence[float] = ()
    more: int = 0
    more_chance: float = 0.0
    curve: Curve = field(default_factory=Curve)
    says_no: float = 0.25
    target: float = TARGET

    @property
    def unasked(self) -> int:
        return len(self.next_chances) + self.more


@dataclass(frozen=True)
class Outlook:
    """How likely the request is full in time: if nobody else is asked, and if everybody is."""

    as_it_is: float
    with_everybody: float
    in_the_air: float  # yes still expected in time from those asked
    target: float = TARGET

    @property
    def is_short(self) -> bool:
        """Whether even asking everybody would likely not be enough."""
        return self.with_everybody < self.target


def warning(outlook: Outlook) -> str:
    """That too few fit to fill the request in time, in a sentence; empty when enough do."""
    if not outlook.is_short:
        return ""
    everybody = (
        "Everybody who fits has been asked, and this"
        if outlook.with_everybody <= outlook.as_it_is
        else "Even if everybody who fits is asked, this"
    )
    return f"{everybody} {'may' if outlook.with_everybody >= 0.5 else 'will likely'} not be enough."


@dataclass(frozen=True)
class NextWave:
    """How many to ask now, how soon to look again, and why, in words."""

    size: int
    look_again: timedelta
    reason: str
    outlook: Outlook


@dataclass(frozen=True)
class Willingness:
    """The factor that this request's own answers put on every chance."""

    factor: float
    shape: float


def willingness(progress: Progress) -> Willingness:
    """What the answers so far say of all chances: 1 when they are as expected.

    Gamma-Poisson: the yes that came, over the yes that should have come by
    now from those who answered, and from the silent by the curve.
    """
    yes, expected = SURENESS, SURENESS
    for wave in progress.waves:
        yes += wave.yes
        answered = progress.curve.answered(wave.minutes_ago)
        expected += wave.chance * (wave.yes + wave.no + wave.silent * answered)
    return Willingness(yes / expected, yes)


@dataclass(frozen=True)
class _Air:
    """What those who were asked and are silent may still bring: mean, and sum of squares."""

    mean: float
    squares: float


def _in_the_air(progress: Progress, factor: float) -> _Air:
    mean = squares = 0.0
    curve, left = progress.curve, progress.minutes_left
    for wave in progress.waves:
        if not wave.silent:
            continue
        chance = min(SUREST, wave.chance * factor)
        now = curve.answered(wave.minutes_ago)
        then = curve.answered(wave.minutes_ago + left)
        # Silent so long: their yes, or their no, or both are less likely than they were.
        will_answer = min(1.0, chance + progress.says_no)
        each = chance * (then - now) / max(1e-9, 1.0 - will_answer * now) * (1.0 - DROP_OUT)
        mean += wave.silent * each
        squares += wave.silent * each * each
    return _Air(mean, squares)


def rounds_left(progress: Progress) -> float:
    """How many rounds of asking and waiting fit into the time left; at least one."""
    minutes = min(PATIENCE, progress.minutes_left)
    last = progress.curve.minutes_until(LAST_SHARE)
    return 1.0 + max(0.0, minutes - last) / progress.curve.minutes_until(ROUND_SHARE)


def share_of_this_round(target: float, rounds: float) -> float:
    """The chance with which this round must fill the request, so that all together do."""
    return float(1.0 - (1.0 - target) ** (1.0 / rounds))


def chance_of_the_rest(chances: Sequence[float]) -> float:
    """What to take for the chance of those after these: that of the last quarter of these."""
    last = chances[-max(1, len(chances) // 4) :]
    return sum(last) / len(last) if last else 0.0


class _Hope:
    """The chance of being full in time, by how many are asked now."""

    def __init__(self, progress: Progress) -> None:
        self.wanted = progress.places_left
        self.people = progress.unasked
        self.will = willingness(progress)
        self.air = _in_the_air(progress, self.will.factor)
        self.rounds = rounds_left(progress)
        left, curve = max(0.0, progress.minutes_left), progress.curve
        self._in_time = curve.answered(left) * (1.0 - DROP_OUT)
        self._later = curve.answered(left - left / self.rounds) * (1.0 - DROP_OUT)
        each = [min(SUREST, one * self.will.factor) for one in progress.next_chances]
        self._known = len(each)
        self._more = min(SUREST, progress.more_chance * self.will.factor)
        self._means = list(accumulate(each, initial=0.0))
        self._squares = list(accumulate((one * one for one in each), initial=0.0))

    def of(self, people: int, *, rest_later: bool = False) -> float:
        """If so many are asked now; with `rest_later` all others a round later."""
        mean, square = self._asking(people, self._in_time)
        mean, square = self.air.mean + mean, self.air.squares + square
        if rest_later:
            all_of_them, now = self._sums(self.people), self._sums(people)
            mean += (all_of_them[0] - now[0]) * self._later
            square += (all_of_them[1] - now[1]) * self._later**2
        return at_least(self.wanted, mean, square, self.will.shape)

    def worth(self, person: int) -> float:
        """How likely it is that the text to this one of the next people, from 0, fills a place."""
        says_yes = self._asking(person + 1, self._in_time)[0]
        says_yes -= self._asking(person, self._in_time)[0]
        return says_yes * (1.0 - self.of(person))

    def mean_chance(self, people: int) -> float:
        """The mean chance of the next so many to say yes in the end."""
        return self._sums(people)[0] / people if people else 0.0

    def _asking(self, people: int, share: float) -> tuple[float, float]:
        mean, square = self._sums(people)
        return mean * share, square * share**2

    def _sums(self, people: int) -> tuple[float, float]:
        """The sum of the chances of the next so many, and of their squares."""
        known = min(people, self._known)
        more = people - known
        return self._means[known] + more * self._more, self._squares[known] + more * self._more**2


def next_wave(progress: Progress) -> NextWave:
    """Choose the smallest next wave with which the request is full in time, as likely as wished.

    When even everybody cannot do that, enough are asked to lose next to
    nothing, and the outlook says so.
    """
    pause = timedelta(minutes=min(LATEST, max(SOONEST, progress.minutes_left / LOOKS)))
    if progress.places_left <= 0:
        return NextWave(0, pause, "Every place is taken.", Outlook(1.0, 1.0, 0.0, progress.target))
    hope = _Hope(progress)
    outlook = Outlook(hope.of(0), hope.of(hope.people), hope.air.mean, progress.target)
    size = _size(hope, outlook)
    is_worth = size == 0 or hope.worth(0) >= WORTH
    if not is_worth:
        size = 0
    elif size > 1 and hope.worth(size - 1) < WORTH:
        size = _smallest(size, lambda people: hope.worth(people) < WORTH)
    return NextWave(size, pause, _why(progress, hope, size, is_worth), outlook)


def _size(hope: _Hope, outlook: Outlook) -> int:
    """How many are needed in this round, and cannot be left to a later one."""
    share = share_of_this_round(outlook.target, hope.rounds)
    size = 0
    if outlook.as_it_is < min(share, outlook.with_everybody):
        size = _smallest(hope.people, lambda people: hope.of(people) >= share)
    floor = min(outlook.target, outlook.with_everybody - LEEWAY / hope.rounds)
    if hope.of(size, rest_later=True) < floor:
        enough = _smallest(hope.people, lambda people: hope.of(people, rest_later=True) >= floor)
        size = max(size, enough)
    return size


def _smallest(most: int, is_enough: Callable[[int], bool]) -> int:
    """The least number from 1 up to `most` that is enough, or `most`."""
    low, high = 0, 1
    while high < most and not is_enough(high):
        low, high = high, high * 2
    high = min(high, most)
    while low + 1 < high:
        middle = (low + high) // 2
        if is_enough(middle):
            high = middle
        else:
            low = middle
    return high


def _why(progress: Progress, hope: _Hope, size: int, is_worth: bool) -> str:
    """The size of the wave in words, for the coordinator."""
    left = progress.places_left
    places = "1 place is free" if left == 1 else f"{left} places are free"
    silent = sum(wave.silent for wave in progress.waves)
    if size == 0 and progress.unasked == 0:
        return f"{places} and everybody has been asked."
    if not is_worth:
        return f"{places}, and it is too late for more texts to be answered in time."
    if size == 0:
        who = "1 person" if silent == 1 else f"{silent} people"
        return f"{places}. {who} may still answer, so nobody new is asked."
    free = "the free place" if left == 1 else f"{left} free places"
    people = "1 person is" if size == 1 else f"{size} people are"
    share = max(1, round(hope.mean_chance(size) * 100))
    says = f"For {free} {people} asked: about {share} in 100 are likely to say yes."
    if size == progress.unasked:
        return f"{says} They are the last who fit."
    if hope.rounds < _FEW_ROUNDS:
        return f"{says} Time is short, so more are asked at once."
    return f"{says} There is time to ask others later."
