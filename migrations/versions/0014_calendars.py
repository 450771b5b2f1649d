"""calendar addresses of groups and sites, and when a shift last changed

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column('shift', sa.Column('changed_at', MOMENT, nullable=True))
    op.create_table(
        'group_calendar',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('site_id', BIG, nullable=True),
        sa.Column('user_id', BIG, nullable=False),
        sa.Column('names', sa.String(length=24), nullable=False),
        sa.Column('token_hash', sa.String(length=64), nullable=False),
        sa.Column('revoked_at', MOMENT, nullable=True),
        sa.Column('last_read_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ['group_id'], ['organisation.id'],
            name=op.f('fk_group_calendar_group_id_organisation'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['site_id'], ['site.id'],
            name=op.f('fk_group_calendar_site_id_site'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['user_id'], ['account.id'],
            name=op.f('fk_group_calendar_user_id_account'), ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_group_calendar')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_group_calendar_token_hash')),
    )
    op.create_index(op.f('ix_group_calendar_group_id'), 'group_calendar', ['group_id'])


def downgrade() -> None:
    op.drop_table('group_calendar')
    op.drop_column('shift', 'changed_at')
