"""What the features above show on a volunteer's own first page; it does not know them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from markupsafe import Markup

from app.volunteers.models import Volunteer

# Each returns HTML for this volunteer (a `section` with a heading of level 2), or nothing.
# They stand beside the time that the volunteer gave: thanks, not tasks. One statement each.
on_own_page: Final[list[Callable[[Volunteer], Markup]]] = []
