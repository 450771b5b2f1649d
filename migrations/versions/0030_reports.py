"""counts for the charts

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def _table(name: str, *columns: sa.Column) -> None:
    op.create_table(
        name,
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{name}')),
    )


def _to(column: str, other: str, name: str, *, unique: bool = False) -> list:
    made = [
        sa.Column(column, BIG, nullable=False),
        sa.ForeignKeyConstraint([column], [f'{other}.id'], name=op.f(f'fk_{name}_{column}_{other}'), ondelete='CASCADE'),
    ]
    if unique:
        made.append(sa.UniqueConstraint(column, name=op.f(f'uq_{name}_{column}')))
    return made


def _when() -> list:
    return [sa.Column('month', BIG, nullable=False), sa.Column('day', sa.Date(), nullable=False)]


def _number(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, BIG, nullable=nullable)


def _where(name: str) -> list:
    return [*_to('group_id', 'organisation', name), sa.Column('district', sa.String(length=60), nullable=False)]


def upgrade() -> None:
    _table(
        'counted_month',
        _number('month'),
        sa.Column('counted_at', MOMENT, nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.UniqueConstraint('month', name=op.f('uq_counted_month_month')),
    )
    _table(
        'counted_shift',
        *_when(),
        *_to('shift_id', 'shift', 'counted_shift', unique=True),
        *_where('counted_shift'),
        *map(_number, ('weekday', 'starts', 'minutes', 'places', 'filled', 'minimum')),
        _number('fill_minutes', True),
    )
    op.create_index(op.f('ix_counted_shift_month'), 'counted_shift', ['month'])
    op.create_index(op.f('ix_counted_shift_group_id'), 'counted_shift', ['group_id'])
    op.create_index(
        'ix_counted_shift_sums',
        'counted_shift',
        ['day', 'month', 'group_id', 'district', 'weekday', 'starts', 'minutes', 'places', 'filled', 'minimum', 'fill_minutes'],
    )
    _table(
        'given_time',
        *_when(),
        *_to('volunteer_id', 'volunteer', 'given_time'),
        *_where('given_time'),
        _number('minutes'),
    )
    op.create_index(op.f('ix_given_time_group_id'), 'given_time', ['group_id'])
    op.create_index('ix_given_time_volunteer_day', 'given_time', ['volunteer_id', 'day'])
    op.create_index(
        'ix_given_time_sums', 'given_time', ['month', 'volunteer_id', 'group_id', 'district', 'day', 'minutes']
    )
    _table(
        'counted_request',
        *_when(),
        *_to('broadcast_id', 'broadcast', 'counted_request', unique=True),
        *_where('counted_request'),
        *map(_number, ('asked', 'texts', 'segments', 'taken')),
        sa.Column('is_filled', sa.Boolean(), nullable=False),
        _number('first_minutes', True),
        _number('last_minutes', True),
    )
    op.create_index(op.f('ix_counted_request_month'), 'counted_request', ['month'])
    op.create_index(op.f('ix_counted_request_group_id'), 'counted_request', ['group_id'])
    op.create_index('ix_counted_request_day', 'counted_request', ['day', 'group_id'])
    _table(
        'counted_ask',
        *_when(),
        *_to('volunteer_id', 'volunteer', 'counted_ask'),
        *_where('counted_ask'),
        _number('asks'),
    )
    op.create_index(op.f('ix_counted_ask_month'), 'counted_ask', ['month'])
    op.create_index(op.f('ix_counted_ask_volunteer_id'), 'counted_ask', ['volunteer_id'])
    op.create_index(op.f('ix_counted_ask_group_id'), 'counted_ask', ['group_id'])
    op.create_index(
        'ix_counted_ask_sums', 'counted_ask', ['day', 'volunteer_id', 'group_id', 'district', 'asks']
    )


def downgrade() -> None:
    for name in ('counted_ask', 'counted_request', 'given_time', 'counted_shift', 'counted_month'):
        op.drop_table(name)
