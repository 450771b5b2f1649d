"""tokens of the API, and its calls that must not be carried out twice

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'api_token',
        sa.Column('id', ID, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', ID, nullable=True),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('begins', sa.String(length=12), nullable=False),
        sa.Column('token_hash', sa.String(length=64), nullable=False),
        sa.Column('scopes', sa.JSON(), nullable=False),
        sa.Column('made_by_id', ID, nullable=True),
        sa.Column('expires_at', MOMENT, nullable=False),
        sa.Column('last_used_at', MOMENT, nullable=True),
        sa.Column('revoked_at', MOMENT, nullable=True),
        sa.Column('revoked_by_id', ID, nullable=True),
        sa.ForeignKeyConstraint(['group_id'], ['organisation.id'], name=op.f('fk_api_token_group_id_organisation'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['made_by_id'], ['account.id'], name=op.f('fk_api_token_made_by_id_account'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['revoked_by_id'], ['account.id'], name=op.f('fk_api_token_revoked_by_id_account'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_api_token_token_hash')),
    )
    op.create_index(op.f('ix_api_token_group_id'), 'api_token', ['group_id'])
    op.create_table(
        'api_call',
        sa.Column('id', ID, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('token_id', ID, nullable=False),
        sa.Column('key_hash', sa.String(length=64), nullable=False),
        sa.Column('request_hash', sa.String(length=64), nullable=False),
        sa.Column('status', ID, nullable=True),
        sa.Column('row_id', ID, nullable=True),
        sa.ForeignKeyConstraint(['token_id'], ['api_token.id'], name=op.f('fk_api_call_token_id_api_token'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_api_call')),
        sa.UniqueConstraint('token_id', 'key_hash', name=op.f('uq_api_call_token_id_key_hash')),
    )
    op.create_index('ix_api_call_created_at', 'api_call', ['created_at'])


def downgrade() -> None:
    op.drop_table('api_call')
    op.drop_table('api_token')
