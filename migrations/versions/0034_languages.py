"""a volunteer has a language, and a request its text in each

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'volunteer',
        sa.Column('language', sa.String(length=5), server_default='en', nullable=False),
    )
    op.add_column(
        'broadcast',
        sa.Column('texts', sa.JSON(), server_default='{}', nullable=False),
    )


def downgrade() -> None:
    op.drop_column('broadcast', 'texts')
    op.drop_column('volunteer', 'language')
