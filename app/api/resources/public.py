"""What everybody can see, without a token: the same as on the public pages."""

from __future__ import annotations

from app.api import queries, shapes, telling
from app.api.door import Answer, Call, Door, door
from app.api.resources import bp


@bp.get("/public/opportunities")
@door(
    Door(
        "List published roles of the whole county",
        shapes.PublicOpportunityPage,
        "Public",
        open=True,
        query=shapes.PublicFilter,
    )
)
def list_public_opportunities(call: Call) -> Answer:
    rows, cursor = queries.public_opportunities(call.query)
    items = [telling.public_opportunity(row) for row in rows]
    return Answer(shapes.PublicOpportunityPage(items=items, next_cursor=cursor), cursor)


@bp.get("/public/shifts")
@door(
    Door(
        "List shifts to come that people can join",
        shapes.PublicShiftPage,
        "Public",
        open=True,
        query=shapes.PublicShiftFilter,
    )
)
def list_public_shifts(call: Call) -> Answer:
    rows, cursor = queries.public_shifts(call.query)
    items = [telling.public_shift(row) for row in rows]
    return Answer(shapes.PublicShiftPage(items=items, next_cursor=cursor), cursor)
