"""Who fits a wish, in which order, and why the others do not.

The population is narrowed by map cell and by what each person travels before
anything else is looked at, so that the far side of the county costs nothing:
"too far" is counted as all minus those in reach. With several shifts each is
judged by itself and a volunteer counts for the one they fit best; who fits
none is told the reason of the shift that came nearest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    column,
    func,
    literal_column,
    select,
    union_all,
    values,
)
from sqlalchemy import cast as sql_cast

from app.foundation.extensions import db
from app.foundation.places import metres_to_cell
from app.matching import rules
from app.matching.queries import conditions
from app.matching.queries.conditions import person
from app.matching.queries.people import Ranked, introduce
from app.matching.queries.wish import Need, Wish, needs
from app.signups.rules import Exclusion
from app.volunteers.models import Volunteer

# A verdict is the place of the first reason in `rules.ORDER`, or this.
FITS: Final = len(rules.ORDER)

_TABLE: Final = Volunteer.__table__


@dataclass(frozen=True)
class Audience:
    """How many are asked, how many are not, and why: together all volunteers.

    `excluded` counts each person once, by the first reason of `rules.ORDER`.
    """

    wish: Wish
    total: int
    size: int
    excluded: dict[Exclusion, int]

    def top(self, limit: int = 50, offset: int = 0) -> list[Ranked]:
        """The people asked, best first, with score, distance and reasons."""
        wanted = needs(self.wish)
        asked = _asked(_fitting(self.wish, wanted, _reach(wanted)))
        rows = db.session.execute(
            select(asked.c.id, asked.c.shift_id, asked.c.score, asked.c.square)
            .order_by(asked.c.score.desc(), asked.c.square, asked.c.id)
            .limit(limit)
            .offset(offset)
        ).all()
        return introduce(rows, wanted)


def audience(wish: Wish) -> Audience:
    """Count the audience of a wish and, by reason, who is not in it. Three queries.

    Raises `LookupError` when a shift does not exist.
    """
    wanted = needs(wish)
    reach = _reach(wanted)
    judged = _judged(wish, wanted, reach).cte("judged").prefix_with("MATERIALIZED")
    verdicts = select(judged.c.verdict, func.count()).group_by(judged.c.verdict)
    phones = (
        select(judged.c.phone).where(judged.c.verdict == FITS).group_by(judged.c.phone).subquery()
    )
    rows = db.session.execute(
        union_all(verdicts, select(literal_column("-1"), func.count()).select_from(phones))
    )
    counts: dict[int, int] = {row[0]: row[1] for row in rows}
    size = counts.pop(-1)
    excluded = {rules.ORDER[verdict]: n for verdict, n in counts.items() if verdict != FITS}
    far = reach.total - sum(counts.values())
    excluded[Exclusion.TOO_FAR] = far
    excluded[Exclusion.SAME_PHONE] = counts.get(FITS, 0) - size
    return Audience(
        wish=wish,
        total=reach.total,
        size=size,
        excluded={reason: excluded[reason] for reason in rules.ORDER if excluded.get(reason)},
    )


def audience_select(wish: Wish) -> Select[Any]:
    """One row for every volunteer: id, excluded, score, metres, rank.

    For INSERT … SELECT. `excluded` is the code of an `Exclusion`, empty for
    who is asked; `rank` counts these from 1, the best first, and is 0 for
    the others, as is their score. Of several with the same phone the best
    ranked is asked. Raises `LookupError` when a shift does not exist.
    """
    wanted = needs(wish)
    judged = _judged(wish, wanted, _reach(wanted), scored=True).cte("judged")
    judged = judged.prefix_with("MATERIALIZED")
    fitting = select(judged).where(judged.c.verdict == FITS).subquery("fitting")
    asked = _asked(fitting)
    ranks = select(
        asked.c.id,
        func.row_number()
        .over(order_by=(asked.c.score.desc(), asked.c.square, asked.c.id))
        .label("rank"),
    ).subquery("ranks")
    codes: ColumnElement[str] = case(
        (ranks.c.rank.is_not(None), _word("")),
        (judged.c.verdict == FITS, _word(Exclusion.SAME_PHONE)),
        *((judged.c.verdict == place, _word(reason)) for place, reason in enumerate(rules.ORDER)),
        else_=_word(Exclusion.TOO_FAR),
    )
    square = func.coalesce(judged.c.square, conditions.squared_metres(wanted[0]))
    return (
        select(
            person.id.label("volunteer_id"),
            codes.label("excluded"),
            case((ranks.c.rank.is_not(None), judged.c.score), else_=literal_column("0")).label(
                "score"
            ),
            sql_cast(func.sqrt(square), BigInteger).label("metres"),
            func.coalesce(ranks.c.rank, literal_column("0")).label("rank"),
        )
        .select_from(
            _TABLE.outerjoin(judged, judged.c.id == person.id).outerjoin(
                ranks, ranks.c.id == person.id
            )
        )
        .where(person.erased_at.is_(None))
    )


@dataclass(frozen=True)
class _Reach:
    """How many volunteers there are, and the cells from which somebody gets here."""

    total: int
    cells: list[list[tuple[int, int]]]  # per shift: (cell, metres to its nearest edge)


def _reach(wanted: list[Need]) -> _Reach:
    """Ask who lives where, in cells; one query over an index."""
    rows = db.session.execute(
        select(person.cell, func.count(), func.max(person.travel_metres))
        .where(person.erased_at.is_(None))
        .group_by(person.cell)
    ).all()
    cells = []
    for need in wanted:
        within = need.request.within_metres
        near = []
        for cell, _, farthest in rows:
            gap = metres_to_cell(need.east, need.north, cell)
            if gap <= farthest and (within is None or gap <= within):
                near.append((cell, gap))
        cells.append(near)
    return _Reach(total=sum(count for _, count, _ in rows), cells=cells)


def near(need: Need, cells: list[tuple[int, int]], columns: list[Any]) -> Select[Any]:
    """Volunteers in reach of a shift: by cell first, then to the metre."""
    listed: CTE = (
        values(column("cell", BigInteger), column("gap", BigInteger), literal_binds=True)
        .data(cells or [(-1, 0)])
        .cte(f"near_{need.shift_id}")
    )
    return (
        select(*columns)
        .select_from(
            listed.join(
                _TABLE,
                and_(person.cell == listed.c.cell, person.travel_metres >= listed.c.gap),
            )
        )
        .where(person.erased_at.is_(None), conditions.in_reach(need))
    )


def verdict(need: Need, wish: Wish) -> ColumnElement[int]:
    """The place in `rules.ORDER` of the first reason against a person, or `FITS`."""
    return case(
        *(
            (condition, literal_column(str(rules.ORDER.index(reason))))
            for reason, condition in conditions.against(need, wish).items()
        ),
        else_=literal_column(str(FITS)),
    )


def _judged(
    wish: Wish, wanted: list[Need], reach: _Reach, scored: bool = False
) -> Select[Any]:
    """Everybody in reach of a shift: id, phone, shift_id, verdict, square and score."""
    judged = []
    for need, cells in zip(wanted, reach.cells, strict=True):
        columns: list[Any] = [
            person.id,
            person.phone,
            literal_column(str(need.shift_id)).label("shift_id"),
            verdict(need, wish).label("verdict"),
            conditions.squared_metres(need).label("square"),
        ]
        if scored or len(wanted) > 1:
            columns.append(conditions.score(need).label("score"))
        judged.append(near(need, cells, columns))
    return judged[0] if len(judged) == 1 else _best(judged)


def _fitting(wish: Wish, wanted: list[Need], reach: _Reach) -> Subquery:
    """Who fits, with the score; others are dropped before it is worked out."""
    if len(wanted) > 1:
        best = _judged(wish, wanted, reach).subquery("best")
        return select(best).where(best.c.verdict == FITS).subquery("fitting")
    need = wanted[0]
    columns = [
        person.id,
        person.phone,
        literal_column(str(need.shift_id)).label("shift_id"),
        conditions.squared_metres(need).label("square"),
        conditions.score(need).label("score"),
    ]
    return (
        near(need, reach.cells[0], columns)
        .where(verdict(need, wish) == literal_column(str(FITS)))
        .subquery("fitting")
    )


def _best(judged: list[Select[Any]]) -> Select[Any]:
    """Of a volunteer's verdicts on several shifts the best one."""
    every = union_all(*judged).subquery("every")
    order = (every.c.verdict.desc(), every.c.score.desc(), every.c.square, every.c.shift_id)
    place = func.row_number().over(partition_by=every.c.id, order_by=order)
    placed = select(every, place.label("place")).subquery("placed")
    kept = [placed.c[name] for name in ("id", "phone", "shift_id", "verdict", "square", "score")]
    return select(*kept).where(placed.c.place == 1)


def _asked(fitting: Subquery) -> Subquery:
    """Of those who share a phone the best one, and everybody else."""
    order = (fitting.c.score.desc(), fitting.c.square, fitting.c.id)
    twin = func.row_number().over(partition_by=fitting.c.phone, order_by=order)
    twins = select(fitting, twin.label("twin")).subquery("twins")
    return select(twins).where(twins.c.twin == 1).subquery("asked")


def _word(code: str) -> ColumnElement[str]:
    return literal_column(f"'{code}'", String)
