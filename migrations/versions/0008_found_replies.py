"""a reply knows when the carrier's list told of it, and we know how far that list was read

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('reply') as batch:
        batch.add_column(sa.Column('found_at', MOMENT, nullable=True))
    op.create_index(
        'ix_reply_found', 'reply', ['found_at'],
        sqlite_where=sa.text('found_at IS NOT NULL'), postgresql_where=sa.text('found_at IS NOT NULL'),
    )
    op.create_table(
        'inbound_listing',
        sa.Column('id', ID, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('carrier', sa.String(length=20), nullable=False),
        sa.Column('complete_until', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_inbound_listing')),
        sa.UniqueConstraint('carrier', name=op.f('uq_inbound_listing_carrier')),
    )


def downgrade() -> None:
    op.drop_table('inbound_listing')
    op.drop_index('ix_reply_found', table_name='reply')
    with op.batch_alter_table('reply') as batch:
        batch.drop_column('found_at')
