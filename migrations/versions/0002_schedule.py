"""Who holds the schedule, when its tasks ran, which workers are alive.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _identity() -> tuple[sa.Column[int], sa.Column[object]]:
    return (
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )


def upgrade() -> None:
    op.create_table(
        "schedule_lease",
        *_identity(),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_lease")),
        sa.UniqueConstraint("name", name=op.f("uq_schedule_lease_name")),
    )
    op.create_table(
        "periodic_task",
        *_identity(),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "failures", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_periodic_task")),
        sa.UniqueConstraint("path", name=op.f("uq_periodic_task_path")),
    )
    op.create_table(
        "worker_heartbeat",
        *_identity(),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_heartbeat")),
        sa.UniqueConstraint("name", name=op.f("uq_worker_heartbeat_name")),
    )


def downgrade() -> None:
    op.drop_table("worker_heartbeat")
    op.drop_table("periodic_task")
    op.drop_table("schedule_lease")
