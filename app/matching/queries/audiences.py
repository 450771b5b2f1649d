"""Who fits a wish, in which order, and why the others do not.

The population is narrowed by map cell and by what each person travels before
anything else is looked at, so that the far side of the county costs nothing:
"too far" is counted as all minus those in reach. With several shifts each is
judged by itself and a volunteer counts for the one they fit best; who fits
none is told the reason of the shift that came nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    case,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy import cast as sql_cast

from app.foundation.extensions import db
from app.matching import rules
from app.matching.queries import conditions
from app.matching.queries.conditions import number, person
from app.matching.queries.people import Ranked, introduce
from app.matching.queries.reach import Reach, living_near, reach
from app.matching.queries.score import score
from app.matching.queries.wish import Need, Wish, needs
from app.signups.rules import Exclusion
from app.volunteers.models import Volunteer

# How many people an audience shows at first.
SHOWN: Final = 50
# A verdict is the place of the first reason in `rules.ORDER`, or this.
FITS: Final = len(rules.ORDER)
# Rows of the one large query that are no verdicts.
_SIZE, _BEST, _CELL, _LANGUAGE = -1, -2, -3, -4

_TABLE: Final = Volunteer.__table__


@dataclass(frozen=True)
class Audience:
    """How many are asked, how many are not, and why: together all volunteers.

    `excluded` counts each person once, by the first reason of `rules.ORDER`.
    `best` are the first who are asked, in order. `cells` counts those who fit
    by the map's 5 km squares, `languages` by the code of the one that they
    read; two with one phone, who live apart or read apart, count in both.
    """

    wish: Wish
    total: int
    size: int
    excluded: dict[Exclusion, int]
    best: list[Ranked]
    cells: dict[int, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)

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
    none = [number(0)] * 3
    verdicts: Any = select(judged.c.verdict.label("kind"), func.count().label("id"), *none, null())
    phones = select(judged.c.phone).where(judged.c.verdict == FITS).group_by(judged.c.phone)
    size: Any = select(number(_SIZE), func.count(), *none, null())
    first = _first(judged, 2 * SHOWN).subquery("first")
    people, nothing = func.count(func.distinct(judged.c.phone)), number(0)
    cells: Any = select(number(_CELL), judged.c.cell, people, nothing, nothing, null())
    languages: Any = select(number(_LANGUAGE), people, nothing, nothing, nothing, judged.c.language)
    rows: Sequence[Any] = db.session.execute(
        union_all(
            verdicts.group_by(judged.c.verdict),
            size.select_from(phones.subquery("phones")),
            select(number(_BEST), first),
            cells.where(judged.c.verdict == FITS).group_by(judged.c.cell),
            languages.where(judged.c.verdict == FITS).group_by(judged.c.language),
        )
    ).all()
    counts: dict[int, int] = {row.kind: row.id for row in rows if row.kind > _BEST}
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
        cells={row.id: row[2] for row in rows if row.kind == _CELL},
        languages={row[5]: row.id for row in rows if row.kind == _LANGUAGE},
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
    fits = judged.c.verdict == FITS
    twins = select(
        judged.c.id,
        judged.c.verdict,
        judged.c.score,
        judged.c.square,
        func.row_number().over(partition_by=[fits, judged.c.phone], order_by=order).label("twin"),
    ).subquery("twins")
    is_asked = and_(twins.c.verdict == FITS, twins.c.twin == 1)
    order = (twins.c.score.desc(), twins.c.square, twins.c.id)
    ranked = select(
        twins.c.id,
        twins.c.verdict,
        twins.c.score,
        twins.c.square,
        is_asked.label("is_asked"),
        func.row_number().over(partition_by=is_asked, order_by=order).label("rank"),
    ).subquery("ranked")
    codes: ColumnElement[str] = case(
        (ranked.c.is_asked, _word("")),
        (ranked.c.verdict == FITS, _word(Exclusion.SAME_PHONE)),
        *((ranked.c.verdict == place, _word(reason)) for place, reason in enumerate(rules.ORDER)),
    )
    nothing = number(0)
    in_reach: Any = select(
        ranked.c.id.label("volunteer_id"),
        codes.label("excluded"),
        case((ranked.c.is_asked, ranked.c.score), else_=nothing).label("score"),
        _metres(ranked.c.square).label("metres"),
        case((ranked.c.is_asked, ranked.c.rank), else_=nothing).label("rank"),
    )
    # The others by the same condition turned round: a join to those in reach would be
    # searched from the top for each person on SQLite.
    out_of_reach = (
        select(
            person.id,
            _word(Exclusion.TOO_FAR),
            nothing,
            _metres(conditions.squared_metres(wanted[0])),
            nothing,
        )
        .select_from(_TABLE)
        .where(person.erased_at.is_(None), *(not_(conditions.in_reach(need)) for need in wanted))
    )
    return select(union_all(in_reach, out_of_reach).subquery("everybody"))


def _metres(square: ColumnElement[int]) -> ColumnElement[int]:
    return sql_cast(func.sqrt(square), BigInteger)


def _judged(wish: Wish, wanted: list[Need], everybody: Reach) -> FromClause:
    """Everybody in reach: id, phone, shift_id, verdict, square, and score of who fits."""
    near = _near(wish, wanted, everybody)
    judged = _best(near, wanted)
    return judged.subquery("judged") if len(wanted) == 1 else judged.cte("judged")


def _near(wish: Wish, wanted: list[Need], everybody: Reach) -> CTE:
    """Who is in reach of a shift: with a standing and the squared distance for each shift.

    A standing is the place of the first reason against, or `FITS` and the score on top.
    """
    asked = conditions.asked_this_week(wanted[0].request.now)
    columns: list[Any] = [person.id, person.phone, person.cell, person.language]
    for n, need in enumerate(wanted):
        against = conditions.against(need, wish, asked)
        if len(wanted) > 1:
            against = {Exclusion.TOO_FAR: not_(conditions.in_reach(need)), **against}
        standing = case(
            *(
                (condition, number(rules.ORDER.index(reason)))
                for reason, condition in against.items()
            ),
            else_=number(FITS) + score(need),
        )
        columns += [
            standing.label(f"standing_{n}"),
            conditions.squared_metres(need).label(f"square_{n}"),
        ]
    near = living_near(everybody.cells, asked, columns)
    near = near.where(or_(*(conditions.in_reach(need) for need in wanted)))
    # Made once, whatever the database would rather do: each row is worth dear conditions.
    return near.cte("near").prefix_with("MATERIALIZED")


def _best(near: CTE, wanted: list[Need]) -> Select[Any]:
    """Of a volunteer's standings the best one; of equals the nearer, then the first."""
    standings = [near.c[f"standing_{n}"] for n in range(len(wanted))]
    squares = [near.c[f"square_{n}"] for n in range(len(wanted))]
    merits = [tuple_(one, -square) for one, square in zip(standings, squares, strict=True)]

    def of_best(values: list[Any]) -> ColumnElement[int]:
        *others, last = values
        beats = [
            (and_(*(merits[n] >= merit for merit in merits[n + 1 :])), value)
            for n, value in enumerate(others)
        ]
        return case(*beats, else_=last) if beats else last

    standing = of_best(standings)
    return select(
        near.c.id,
        near.c.phone,
        near.c.cell,
        near.c.language,
        of_best([number(need.shift_id) for need in wanted]).label("shift_id"),
        case((standing >= FITS, number(FITS)), else_=standing).label("verdict"),
        of_best(squares).label("square"),
        case((standing >= FITS, standing - FITS), else_=number(0)).label("score"),
    )


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


def _word(code: str) -> ColumnElement[str]:
    return literal_column(f"'{code}'", String)
