"""a run knows whether an emergency was stated

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('run') as batch:
        batch.add_column(sa.Column('is_emergency', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('run') as batch:
        batch.alter_column('is_emergency', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('run') as batch:
        batch.drop_column('is_emergency')
