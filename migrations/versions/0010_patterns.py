"""patterns by RFC 5545, without an end, with a stable key for each shift; closures

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
CODES = ('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU')

pattern = sa.table(
    'pattern',
    sa.column('id', BIG),
    sa.column('rule', sa.String),
    sa.column('every_weeks', BIG),
    sa.column('weekdays', BIG),
    sa.column('last_day', sa.Date),
)


def rule_of(every_weeks: int, weekdays: int) -> str:
    """What the two columns of before say, as an RRULE's value."""
    interval = f'INTERVAL={every_weeks};' if every_weeks > 1 else ''
    days = ','.join(code for number, code in enumerate(CODES) if weekdays >> number & 1)
    return f'FREQ=WEEKLY;{interval}BYDAY={days}'


def columns_of(rule: str) -> tuple[int, int]:
    """The nearest that the two columns of before can say: of a month's day, each week's."""
    said = dict(part.split('=') for part in rule.split(';'))
    days = {code.lstrip('-1234') for code in said['BYDAY'].split(',')}
    weekdays = sum(1 << number for number, code in enumerate(CODES) if code in days)
    return min(int(said.get('INTERVAL', '1')), 2), weekdays


def upgrade() -> None:
    op.create_table(
        'closure',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('site_id', BIG, nullable=True),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('first_day', sa.Date(), nullable=False),
        sa.Column('last_day', sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ['group_id'], ['organisation.id'],
            name=op.f('fk_closure_group_id_organisation'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['site_id'], ['site.id'], name=op.f('fk_closure_site_id_site'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_closure')),
    )
    op.create_index(op.f('ix_closure_group_id'), 'closure', ['group_id'])
    op.create_index(op.f('ix_closure_site_id'), 'closure', ['site_id'])
    with op.batch_alter_table('pattern') as batch:
        batch.add_column(sa.Column('series', sa.String(length=32), nullable=True))
        batch.add_column(sa.Column('rule', sa.String(length=200), nullable=True))
        batch.add_column(
            sa.Column(
                'works_on_holidays', sa.Boolean(), nullable=False, server_default=sa.true()
            )
        )
        batch.add_column(sa.Column('version', BIG, nullable=False, server_default='0'))
    bind = op.get_bind()
    for every_weeks, weekdays in bind.execute(
        sa.select(pattern.c.every_weeks, pattern.c.weekdays).distinct()
    ).all():
        bind.execute(
            sa.update(pattern)
            .where(pattern.c.every_weeks == every_weeks, pattern.c.weekdays == weekdays)
            .values(rule=rule_of(every_weeks, weekdays))
        )
    op.execute("UPDATE pattern SET series = 'pattern-' || CAST(id AS VARCHAR(20))")
    with op.batch_alter_table('pattern') as batch:
        batch.alter_column('series', existing_type=sa.String(length=32), nullable=False)
        batch.alter_column('rule', existing_type=sa.String(length=200), nullable=False)
        batch.alter_column('last_day', existing_type=sa.Date(), nullable=True)
        batch.drop_column('every_weeks')
        batch.drop_column('weekdays')
    op.create_index(op.f('ix_pattern_series'), 'pattern', ['series'])
    op.add_column('shift', sa.Column('series', sa.String(length=32), nullable=True))
    op.execute(
        'UPDATE shift SET series = '
        '(SELECT pattern.series FROM pattern WHERE pattern.id = shift.pattern_id) '
        'WHERE pattern_id IS NOT NULL'
    )
    op.create_index(
        'uq_shift_series_occurrence_day', 'shift', ['series', 'occurrence_day'], unique=True
    )


def downgrade() -> None:
    op.drop_index('uq_shift_series_occurrence_day', table_name='shift')
    op.drop_column('shift', 'series')
    op.drop_index(op.f('ix_pattern_series'), table_name='pattern')
    with op.batch_alter_table('pattern') as batch:
        batch.add_column(sa.Column('every_weeks', BIG, nullable=True))
        batch.add_column(sa.Column('weekdays', BIG, nullable=True))
    bind = op.get_bind()
    for (rule,) in bind.execute(sa.select(pattern.c.rule).distinct()).all():
        every_weeks, weekdays = columns_of(rule)
        bind.execute(
            sa.update(pattern)
            .where(pattern.c.rule == rule)
            .values(every_weeks=every_weeks, weekdays=weekdays)
        )
    op.execute("UPDATE pattern SET last_day = '2100-12-31' WHERE last_day IS NULL")
    with op.batch_alter_table('pattern') as batch:
        batch.alter_column('every_weeks', existing_type=BIG, nullable=False)
        batch.alter_column('weekdays', existing_type=BIG, nullable=False)
        batch.alter_column('last_day', existing_type=sa.Date(), nullable=False)
        batch.drop_column('version')
        batch.drop_column('works_on_holidays')
        batch.drop_column('rule')
        batch.drop_column('series')
    op.drop_table('closure')
