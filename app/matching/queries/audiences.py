"""Who fits a wish, in which order, and why the others do not.

The population is narrowed by map cell and by what each person travels before
anything else is looked at, so that the far side of the county costs nothing:
"too far" is counted as all minus those in reach. With several shifts each is
judged by itself and a volunteer counts for the one they fit best; who fits
none is told the reason of the shift that came nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    case,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy import cast as sql_cast

from app.foundation.extensions import db
from app.matching import rules
from app.matching.queries import conditions
from app.matching.queries.conditions import person
from app.matching.queries.people import Ranked, introduce
from app.matching.queries.reach import Cells, Reach, living_near, reach
from app.matching.queries.wish import Need, Wish, needs
from app.signups.rules import Exclusion
from app.volunteers.models import Volunteer

# How many people an audience shows at first.
SHOWN: Final = 50
# A verdict is the place of the first reason in `rules.ORDER`, or this.
FITS: Final = len(rules.ORDER)
# Rows of the one large query that are no verdicts.
_SIZE, _BEST = -1, -2

_TABLE: Final = Volunteer.__table__


@dataclass(frozen=True)
class Audience:
    """How many are asked, how many are not, and why: together all volunteers.

    `excluded` counts each person once, by the first reason of `rules.ORDER`.
    `best` are the first who are asked, in order.
    """

    wish: Wish
    total: int
    size: int
    excluded: dict[Exclusion, int]
    best: list[Ranked]

    def top(self, limit: int = SHOWN, offset: int = 0) -> list[Ranked]:
        """The people asked, best first, with score, distance and reasons."""
        if offset + limit <= len(self.best) or len(self.best) == self.size:
            return self.best[offset : offset + limit]
        wanted = needs(self.wish)
        judged = _judged(self.wish, wanted, reach(wanted))
        # Among so many there are enough, even when all who share a phone lead the list.
        spare = self.excluded.get(Exclusion.SAME_PHONE, 0)
        first = db.session.execute(_first(judged, offset + limit + spare)).all()
        return introduce(_one_each(first)[offset : offset + limit], wanted)


def audience(wish: Wish) -> Audience:
    """Count the audience of a wish and, by reason, who is not in it; show the first.

    A handful of queries, of which one looks at the people in reach, once.
    Raises `LookupError` when a shift does not exist.
    """
    wanted = needs(wish)
    everybody = reach(wanted)
    judged = _judged(wish, wanted, everybody)
    none = [literal_column("0", BigInteger)] * 3
    verdicts: Any = select(judged.c.verdict.label("kind"), func.count().label("id"), *none, null())
    phones = select(judged.c.phone).where(judged.c.verdict == FITS).group_by(judged.c.phone)
    size: Any = select(literal_column(str(_SIZE)), func.count(), *none, null())
    first = _first(judged, 2 * SHOWN).subquery("first")
    rows: Sequence[Any] = db.session.execute(
        union_all(
            verdicts.group_by(judged.c.verdict),
            size.select_from(phones.subquery("phones")),
            select(literal_column(str(_BEST)), first),
        )
    ).all()
    counts: dict[int, int] = {row.kind: row.id for row in rows if row.kind != _BEST}
    asked = counts.pop(_SIZE)
    excluded = {rules.ORDER[place]: n for place, n in counts.items() if place != FITS}
    excluded[Exclusion.TOO_FAR] = everybody.total - sum(counts.values())
    excluded[Exclusion.SAME_PHONE] = counts.get(FITS, 0) - asked
    best = [tuple(row)[1:] for row in rows if row.kind == _BEST]
    return Audience(
        wish=wish,
        total=everybody.total,
        size=asked,
        excluded={reason: excluded[reason] for reason in rules.ORDER if excluded.get(reason)},
        best=introduce(_one_each(best)[:SHOWN], wanted),
    )


def audience_select(wish: Wish) -> Select[Any]:
    """One row for every volunteer: volunteer_id, excluded, score, metres, rank.

    For INSERT … SELECT. `excluded` is the code of an `Exclusion`, empty for
    who is asked; `rank` counts these from 1, the best first, and is 0 for
    the others, as is their score. Of several with the same phone the best
    ranked is asked. Raises `LookupError` when a shift does not exist.
    """
    wanted = needs(wish)
    judged = _judged(wish, wanted, reach(wanted))
    order = (judged.c.score.desc(), judged.c.square, judged.c.id)
    twins = (
        select(
            judged.c.id,
            judged.c.score,
            judged.c.square,
            func.row_number().over(partition_by=judged.c.phone, order_by=order).label("twin"),
        )
        .where(judged.c.verdict == FITS)
        .subquery("twins")
    )
    order = (twins.c.score.desc(), twins.c.square, twins.c.id)
    ranks = (
        select(twins.c.id, func.row_number().over(order_by=order).label("rank"))
        .where(twins.c.twin == 1)
        .subquery("ranks")
    )
    codes: ColumnElement[str] = case(
        (ranks.c.rank.is_not(None), _word("")),
        (judged.c.verdict == FITS, _word(Exclusion.SAME_PHONE)),
        *((judged.c.verdict == place, _word(reason)) for place, reason in enumerate(rules.ORDER)),
        else_=_word(Exclusion.TOO_FAR),
    )
    nothing = literal_column("0", BigInteger)
    square = func.coalesce(judged.c.square, conditions.squared_metres(wanted[0]))
    return (
        select(
            person.id.label("volunteer_id"),
            codes.label("excluded"),
            case((ranks.c.rank.is_not(None), judged.c.score), else_=nothing).label("score"),
            sql_cast(func.sqrt(square), BigInteger).label("metres"),
            func.coalesce(ranks.c.rank, nothing).label("rank"),
        )
        .select_from(
            _TABLE.outerjoin(judged, judged.c.id == person.id).outerjoin(
                ranks, ranks.c.id == person.id
            )
        )
        .where(person.erased_at.is_(None))
    )


def _near(need: Need, cells: Cells, wish: Wish, columns: Sequence[Any]) -> Select[Any]:
    """Volunteers in reach of a shift, each with the verdict and the squared distance."""
    asked = conditions.asked_this_week(need)
    verdict = case(
        *(
            (condition, _number(rules.ORDER.index(reason)))
            for reason, condition in conditions.against(need, wish, asked).items()
        ),
        else_=_number(FITS),
    )
    square = conditions.squared_metres(need)
    shown = [*columns, verdict.label("verdict"), square.label("square")]
    return living_near(need, cells, asked, shown).where(conditions.in_reach(need))


def _judged(wish: Wish, wanted: list[Need], everybody: Reach) -> FromClause:
    """Everybody in reach: id, phone, shift_id, verdict, square, and score of who fits."""
    judged = []
    for need, cells in zip(wanted, everybody.cells, strict=True):
        near = _near(need, cells, wish, [person.phone, *conditions.SCORED])
        # Made once, whatever the database would rather do: each row is worth dear conditions.
        one = near.cte(f"judged_{need.shift_id}").prefix_with("MATERIALIZED")
        score = case((one.c.verdict == FITS, conditions.score(need, one.c)), else_=_number(0))
        shift = _number(need.shift_id).label("shift_id")
        judged.append(
            select(one.c.id, one.c.phone, shift, one.c.verdict, one.c.square, score.label("score"))
        )
    if len(judged) == 1:
        return judged[0].subquery("judged")
    return _best(judged).cte("judged")


def _best(judged: list[Select[Any]]) -> Select[Any]:
    """Of a volunteer's verdicts on several shifts the best one."""
    every = union_all(*judged).subquery("every")
    order = (every.c.verdict.desc(), every.c.score.desc(), every.c.square, every.c.shift_id)
    place = func.row_number().over(partition_by=every.c.id, order_by=order)
    placed = select(every, place.label("place")).subquery("placed")
    kept = [placed.c[name] for name in ("id", "phone", "shift_id", "verdict", "square", "score")]
    return select(*kept).where(placed.c.place == 1)


def _first(judged: FromClause, many: int) -> Select[Any]:
    """The first who fit, by score and distance; who shares a phone is still among them."""
    row = judged.c
    return (
        select(row.id, row.shift_id, row.score, row.square, row.phone)
        .where(row.verdict == FITS)
        .order_by(row.score.desc(), row.square, row.id)
        .limit(many)
    )


def _one_each(rows: Sequence[Any]) -> list[Any]:
    """The (id, shift_id, score, square, phone) rows in order, one of each phone."""
    best: dict[str, Any] = {}
    for row in sorted(rows, key=lambda row: (-row[2], row[3], row[0])):
        best.setdefault(row[4], row)
    return list(best.values())


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), BigInteger)


def _word(code: str) -> ColumnElement[str]:
    return literal_column(f"'{code}'", String)
