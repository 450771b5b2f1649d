"""people whom a group's managers invite to a role

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'role_invitation',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('opportunity_id', BIG, nullable=False),
        sa.Column('volunteer_id', BIG, nullable=False),
        sa.Column('invited_by_id', BIG, nullable=True),
        sa.Column('invited_at', MOMENT, nullable=False),
        sa.Column('withdrawn_at', MOMENT, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_role_invitation')),
        sa.ForeignKeyConstraint(
            ['opportunity_id'], ['opportunity.id'],
            name=op.f('fk_role_invitation_opportunity_id_opportunity'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['volunteer_id'], ['volunteer.id'],
            name=op.f('fk_role_invitation_volunteer_id_volunteer'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['invited_by_id'], ['account.id'],
            name=op.f('fk_role_invitation_invited_by_id_account'), ondelete='SET NULL',
        ),
        sa.UniqueConstraint(
            'opportunity_id', 'volunteer_id',
            name=op.f('uq_role_invitation_opportunity_id_volunteer_id'),
        ),
    )
    op.create_index(op.f('ix_role_invitation_volunteer_id'), 'role_invitation', ['volunteer_id'])


def downgrade() -> None:
    op.drop_table('role_invitation')
