"""what all workers know of the carriers

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
COUNTS = (
    'asked', 'faults', 'refused', 'within_100ms', 'within_200ms', 'within_500ms', 'within_1s',
    'within_2s', 'within_5s', 'longer',
)


def upgrade() -> None:
    op.create_table('carrier_status',
    sa.Column('id', BIG, nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('carrier', sa.String(length=20), nullable=False),
    sa.Column('is_resting', sa.Boolean(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('rests', BIG, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_carrier_status')),
    sa.UniqueConstraint('carrier', name=op.f('uq_carrier_status_carrier'))
    )
    op.create_table('carrier_tally',
    sa.Column('id', BIG, nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('carrier', sa.String(length=20), nullable=False),
    sa.Column('slot', sa.DateTime(timezone=True), nullable=False),
    *(sa.Column(name, BIG, nullable=False) for name in COUNTS),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_carrier_tally')),
    sa.UniqueConstraint('carrier', 'slot', name=op.f('uq_carrier_tally_carrier_slot'))
    )


def downgrade() -> None:
    op.drop_table('carrier_tally')
    op.drop_table('carrier_status')
