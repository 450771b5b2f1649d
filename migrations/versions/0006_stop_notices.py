"""whether a text said how to stop

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('message') as batch:
        batch.add_column(sa.Column('tells_stop', sa.Boolean(), nullable=False, server_default=sa.false()))
    # Until now every ask had to say it.
    op.execute("UPDATE message SET tells_stop = true WHERE channel = 'sms' AND body LIKE '%STOP%'")
    with op.batch_alter_table('message') as batch:
        batch.alter_column('tells_stop', server_default=None)
        batch.create_index(
            'ix_message_told',
            ['to_address', 'created_at'],
            sqlite_where=sa.text('tells_stop'),
            postgresql_where=sa.text('tells_stop'),
        )


def downgrade() -> None:
    with op.batch_alter_table('message') as batch:
        batch.drop_index('ix_message_told')
        batch.drop_column('tells_stop')
