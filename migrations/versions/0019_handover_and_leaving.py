"""a handover at the same site, overlaps that a manager allows, late leavers, offers that run out

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
OFFERED = 'offered_until IS NOT NULL'


def upgrade() -> None:
    op.add_column(
        'organisation', sa.Column('handover_minutes', BIG, server_default='0', nullable=False)
    )
    op.add_column(
        'organisation', sa.Column('late_hours', BIG, server_default='24', nullable=False)
    )
    op.add_column(
        'signup',
        sa.Column('clash_allowed', sa.String(length=300), server_default='', nullable=False),
    )
    op.add_column('signup', sa.Column('late_seen_at', MOMENT, nullable=True))
    op.create_index(
        'ix_signup_offered_until', 'signup', ['offered_until'],
        sqlite_where=sa.text(OFFERED), postgresql_where=sa.text(OFFERED),
    )


def downgrade() -> None:
    op.drop_index('ix_signup_offered_until', table_name='signup')
    op.drop_column('signup', 'late_seen_at')
    op.drop_column('signup', 'clash_allowed')
    op.drop_column('organisation', 'late_hours')
    op.drop_column('organisation', 'handover_minutes')
