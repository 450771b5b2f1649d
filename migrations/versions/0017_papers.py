"""who saw a training's certificate

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table('training_record') as batch:
        batch.add_column(sa.Column('seen_by_id', BIG, nullable=True))
        batch.create_foreign_key(
            op.f('fk_training_record_seen_by_id_account'), 'account', ['seen_by_id'], ['id'],
            ondelete='SET NULL',
        )


def downgrade() -> None:
    with op.batch_alter_table('training_record') as batch:
        batch.drop_constraint(op.f('fk_training_record_seen_by_id_account'), type_='foreignkey')
        batch.drop_column('seen_by_id')
