"""never alone, and a group's induction

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ('never_alone', 'needs_induction'):
        op.add_column(
            'opportunity', sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_table(
        'induction_step',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('name', sa.String(length=120), nullable=False),
        sa.Column('rank', BIG, nullable=False),
        sa.Column('needed_first', sa.Boolean(), nullable=False),
        sa.Column('ticked_by', sa.String(length=24), nullable=False),
        sa.Column('retired_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ['group_id'], ['organisation.id'],
            name=op.f('fk_induction_step_group_id_organisation'), ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_induction_step')),
    )
    op.create_index(op.f('ix_induction_step_group_id'), 'induction_step', ['group_id'])
    op.create_table(
        'induction_tick',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('step_id', BIG, nullable=False),
        sa.Column('volunteer_id', BIG, nullable=False),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ['step_id'], ['induction_step.id'],
            name=op.f('fk_induction_tick_step_id_induction_step'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['volunteer_id'], ['volunteer.id'],
            name=op.f('fk_induction_tick_volunteer_id_volunteer'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['by_user_id'], ['account.id'],
            name=op.f('fk_induction_tick_by_user_id_account'), ondelete='SET NULL',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_induction_tick')),
        sa.UniqueConstraint(
            'step_id', 'volunteer_id', name=op.f('uq_induction_tick_step_id_volunteer_id')
        ),
    )
    op.create_index(op.f('ix_induction_tick_volunteer_id'), 'induction_tick', ['volunteer_id'])


def downgrade() -> None:
    op.drop_table('induction_tick')
    op.drop_table('induction_step')
    for name in ('needs_induction', 'never_alone'):
        op.drop_column('opportunity', name)
