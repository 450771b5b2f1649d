"""rotas that come back in as spreadsheets

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'rota_import',
        sa.Column('id', ID, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', ID, nullable=False),
        sa.Column('by_user_id', ID, nullable=True),
        sa.Column('file_name', sa.String(length=200), nullable=False),
        sa.Column('sheets', sa.JSON(), nullable=False),
        sa.Column('plan', sa.JSON(), nullable=False),
        sa.Column('state', sa.String(length=24), nullable=False),
        sa.Column('done_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['by_user_id'], ['account.id'], name=op.f('fk_rota_import_by_user_id_account'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['group_id'], ['organisation.id'], name=op.f('fk_rota_import_group_id_organisation'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_rota_import')),
    )
    op.create_index(op.f('ix_rota_import_group_id'), 'rota_import', ['group_id'])
    op.create_index('ix_rota_import_created_at', 'rota_import', ['created_at'])


def downgrade() -> None:
    op.drop_table('rota_import')
