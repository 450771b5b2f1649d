"""When the tests of matching happen."""

from datetime import UTC, datetime

NOW = datetime(2026, 5, 12, 15, 40, tzinfo=UTC)  # Tuesday, 16:40 in Leicestershire
TONIGHT = datetime(2026, 5, 12, 17, 0, tzinfo=UTC)  # 18:00
