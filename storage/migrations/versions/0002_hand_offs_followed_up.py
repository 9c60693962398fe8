"""hand-offs followed up

Revision: 0002, after 0001
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

OLD_KINDS = (
    "received", "routed", "acknowledged", "started", "answered", "noted", "asked_resident",
    "resident_replied", "reassigned", "handed_off", "agency_accepted", "agency_refused", "agency_finished",
    "redirected", "finished", "reopened", "withdrawn", "rated", "letter_failed",
)
NEW_KINDS = ("agency_reminded", "agency_silent", "handover_arrived", "handover_failed", "rerouted")


def _know_kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("entries") as batch_op:
        batch_op.drop_constraint(op.f("ck_entries_kind_known"), type_="check")
        batch_op.create_check_constraint(op.f("ck_entries_kind_known"), f"kind IN ({listed})")


def upgrade() -> None:
    op.create_table('operator_links',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_operator_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_operator_links_token_hash'))
    )
    op.create_table('handovers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('dedupe_key', sa.String(length=160), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('agency', sa.String(length=64), nullable=False),
    sa.Column('endpoint', sa.String(length=300), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('repeats', sa.Integer(), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease', sa.String(length=40), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reference', sa.String(length=120), nullable=True),
    sa.Column('receipt', sa.String(length=200), nullable=True),
    sa.Column('their_status', sa.String(length=20), nullable=True),
    sa.Column('their_words', sa.Text(), nullable=True),
    sa.Column('ask_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'cancelled')", name=op.f('ck_handovers_state_known')),
    sa.ForeignKeyConstraint(['request_id'], ['requests.id'], name=op.f('fk_handovers_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handovers')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_handovers_dedupe_key'))
    )
    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.create_index('ix_handovers_request_id', ['request_id'], unique=False)
        batch_op.create_index('ix_handovers_state_next_at', ['state', 'next_at'], unique=False)

    with op.batch_alter_table('requests', schema=None) as batch_op:
        batch_op.add_column(sa.Column('agency_remind_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('agency_reminders', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('agency_reference', sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column('expected_on', sa.Date(), nullable=True))
        batch_op.create_index('ix_requests_agency_remind_at', ['agency_remind_at'], unique=False)

    # Not rebuilt, so not in front of the bytes: a table of letters can be large.
    with op.batch_alter_table('letters', schema=None) as batch_op:
        batch_op.add_column(sa.Column('repeats', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('started_at', sa.DateTime(timezone=True), nullable=True))

    _know_kinds(OLD_KINDS + NEW_KINDS)
    _await_agencies()


def _await_agencies() -> None:
    """What waits for an agency since before: without a moment nobody would ever be reminded of it."""
    moment = sa.DateTime(timezone=True)
    requests = sa.table(
        "requests", sa.column("id", sa.Integer), sa.column("status", sa.String),
        sa.column("created_at", moment), sa.column("handed_off_at", moment), sa.column("agency_remind_at", moment),
    )
    since = sa.func.coalesce(requests.c.handed_off_at, requests.c.created_at, type_=moment)
    waiting = sa.select(requests.c.id, since).where(requests.c.status == "waiting_agency")
    for request_id, at in op.get_bind().execute(waiting).all():
        op.execute(
            requests.update().where(requests.c.id == request_id).values(agency_remind_at=at + timedelta(days=7))
        )


def downgrade() -> None:
    listed = ", ".join(f"'{kind}'" for kind in NEW_KINDS)
    op.execute(f"DELETE FROM entries WHERE kind IN ({listed})")
    _know_kinds(OLD_KINDS)
    with op.batch_alter_table('letters', schema=None) as batch_op:
        batch_op.drop_column('started_at')
        batch_op.drop_column('repeats')

    with op.batch_alter_table('requests', schema=None) as batch_op:
        batch_op.drop_index('ix_requests_agency_remind_at')
        batch_op.drop_column('expected_on')
        batch_op.drop_column('agency_reference')
        batch_op.drop_column('agency_reminders')
        batch_op.drop_column('agency_remind_at')

    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.drop_index('ix_handovers_state_next_at')
        batch_op.drop_index('ix_handovers_request_id')

    op.drop_table('handovers')
    op.drop_table('operator_links')
