"""the ledger's indexes hold only what waits or is on its way

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

DUE = sa.text("state = 'queued'")
MOVING = sa.text("state IN ('leased', 'sending', 'uncertain')")


def upgrade() -> None:
    op.drop_index('ix_message_work', table_name='message')
    op.create_index('ix_message_due', 'message', ['lane', 'not_before', 'id'], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index('ix_message_moving', 'message', ['state', 'sending_at'], sqlite_where=MOVING, postgresql_where=MOVING)


def downgrade() -> None:
    op.drop_index('ix_message_moving', table_name='message')
    op.drop_index('ix_message_due', table_name='message')
    op.create_index('ix_message_work', 'message', ['state', 'lane', 'not_before'])
