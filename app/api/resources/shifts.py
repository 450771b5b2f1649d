"""Shifts: listed, read, added, changed, cancelled."""

from __future__ import annotations

from app.api import queries, service, shapes, telling
from app.api.door import Answer, Call, Door, door
from app.api.resources import bp
from app.api.rules import Scope

_NEXT = {
    "readShift": {"operationId": "read_shift", "parameters": {"shift_id": "$response.body#/id"}},
    "signUp": {"operationId": "create_signup", "parameters": {"shift_id": "$response.body#/id"}},
}


@bp.get("/shifts")
@door(Door("List shifts", shapes.ShiftPage, "Shifts", Scope.SHIFTS_READ, query=shapes.ShiftFilter))
def list_shifts(call: Call) -> Answer:
    rows, cursor = queries.shifts(call.bearer, call.query)
    return Answer(shapes.ShiftPage(items=telling.shifts(rows), next_cursor=cursor), cursor)


@bp.get("/shifts/<int:shift_id>")
@door(Door("Read a shift", shapes.Shift, "Shifts", Scope.SHIFTS_READ))
def read_shift(call: Call, shift_id: int) -> Answer:
    return Answer(telling.shift_of(call.bearer, shift_id))


@bp.post("/shifts")
@door(
    Door(
        "Add a shift to a role",
        shapes.Shift,
        "Shifts",
        Scope.SHIFTS_WRITE,
        body=shapes.NewShift,
        made=201,
        shown=telling.shift_of,
        links=_NEXT,
    )
)
def create_shift(call: Call) -> int:
    return service.add_shift(call)


@bp.patch("/shifts/<int:shift_id>")
@door(
    Door(
        "Change a shift: its people are told of a new time",
        shapes.Shift,
        "Shifts",
        Scope.SHIFTS_WRITE,
        body=shapes.ShiftChange,
        matched=True,
    )
)
def change_shift(call: Call, shift_id: int) -> Answer:
    service.edit_shift(call, shift_id)
    return Answer(telling.shift_of(call.bearer, shift_id))


@bp.post("/shifts/<int:shift_id>/cancel")
@door(
    Door(
        "Cancel a shift: its people are told why",
        shapes.Shift,
        "Shifts",
        Scope.SHIFTS_WRITE,
        body=shapes.Reason,
        matched=True,
        shown=telling.shift_of,
    )
)
def cancel_shift(call: Call, shift_id: int) -> int:
    return service.cancel_shift(call, shift_id)
