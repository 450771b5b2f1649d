"""what a group has noted is found by the group

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

TABLES = ('dbs_check', 'training_record')


def upgrade() -> None:
    for table in TABLES:
        op.create_index(op.f(f'ix_{table}_group_id'), table, ['group_id'])


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(op.f(f'ix_{table}_group_id'), table_name=table)
