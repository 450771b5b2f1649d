"""What a group's managers do with suggested rotas, and the work behind it.

Nothing here touches a shift or a place before `ask`.
"""

from app.suggestions.service.asking import ask
from app.suggestions.service.editing import choose, drop, lock, remove, unlock
from app.suggestions.service.working import again, solve, start, sweep

__all__ = [
    "again",
    "ask",
    "choose",
    "drop",
    "lock",
    "remove",
    "solve",
    "start",
    "sweep",
    "unlock",
]
