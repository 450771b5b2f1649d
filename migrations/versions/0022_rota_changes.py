"""what managers changed in the rota

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'rota_change',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('opportunity_id', BIG, nullable=True),
        sa.Column('kind', sa.String(length=24), nullable=False),
        sa.Column('summary', sa.String(length=300), nullable=False),
        sa.Column('reason', sa.String(length=300), nullable=False, server_default=''),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.Column('record', sa.JSON(), nullable=False),
        sa.Column('undone_at', MOMENT, nullable=True),
        sa.Column('undone_by_id', BIG, nullable=True),
        sa.Column('left_over', sa.JSON(), nullable=False, server_default='[]'),
        sa.ForeignKeyConstraint(
            ['by_user_id'], ['account.id'],
            name=op.f('fk_rota_change_by_user_id_account'), ondelete='SET NULL',
        ),
        sa.ForeignKeyConstraint(
            ['group_id'], ['organisation.id'],
            name=op.f('fk_rota_change_group_id_organisation'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['opportunity_id'], ['opportunity.id'],
            name=op.f('fk_rota_change_opportunity_id_opportunity'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['undone_by_id'], ['account.id'],
            name=op.f('fk_rota_change_undone_by_id_account'), ondelete='SET NULL',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_rota_change')),
    )
    op.create_index(
        'ix_rota_change_group_created_at', 'rota_change', ['group_id', 'created_at']
    )
    op.create_index(op.f('ix_rota_change_opportunity_id'), 'rota_change', ['opportunity_id'])


def downgrade() -> None:
    op.drop_table('rota_change')
