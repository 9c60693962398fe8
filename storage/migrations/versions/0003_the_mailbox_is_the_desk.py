"""the mailbox is the desk

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

OLD_KINDS = (
    "received", "routed", "acknowledged", "started", "answered", "noted", "asked_resident",
    "resident_replied", "reassigned", "handed_off", "agency_accepted", "agency_refused",
    "agency_finished", "redirected", "finished", "reopened", "withdrawn", "rated", "letter_failed",
    "agency_reminded", "agency_silent", "handover_arrived", "handover_failed", "rerouted",
)
NEW_KINDS = (
    "mail_bounced", "mail_unverified", "mail_arrived", "undone", "reminded", "escalated", "updates_stopped",
    "updates_resumed",
)


def _know_kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("entries") as batch_op:
        batch_op.drop_constraint(op.f("ck_entries_kind_known"), type_="check")
        batch_op.create_check_constraint(op.f("ck_entries_kind_known"), f"kind IN ({listed})")


def upgrade() -> None:
    op.create_table('absences',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person', sa.String(length=64), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('said_by', sa.String(length=80), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('passes_on', sa.Boolean(), nullable=False),
    sa.Column('passed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absences'))
    )
    with op.batch_alter_table('absences', schema=None) as batch_op:
        batch_op.create_index('ix_absences_person', ['person'], unique=False)

    op.create_table('mailboxes',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('uid_validity', sa.BigInteger(), nullable=True),
    sa.Column('uid', sa.BigInteger(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_mailboxes'))
    )
    op.create_table('recipients',
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('unanswered_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('human_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('automatic_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('bounced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('bounce', sa.Text(), nullable=True),
    sa.Column('suspended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('address', name=op.f('pk_recipients'))
    )
    op.create_table('digest_items',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person', sa.String(length=64), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('dedupe_key', sa.String(length=160), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('line', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['request_id'], ['requests.id'], name=op.f('fk_digest_items_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digest_items')),
    sa.UniqueConstraint('dedupe_key', name='uq_digest_items_dedupe_key')
    )
    with op.batch_alter_table('digest_items', schema=None) as batch_op:
        batch_op.create_index('ix_digest_items_person_sent_at', ['person', 'sent_at'], unique=False)

    op.create_table('incoming',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=120), nullable=False),
    sa.Column('uid_validity', sa.BigInteger(), nullable=True),
    sa.Column('uid', sa.BigInteger(), nullable=True),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('envelope_to', sa.String(length=254), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease', sa.String(length=40), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=True),
    sa.Column('recipient', sa.String(length=80), nullable=True),
    sa.Column('effect', sa.String(length=64), nullable=True),
    sa.Column('from_address', sa.String(length=254), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('full_text', sa.Text(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint("state IN ('stored', 'working', 'applied', 'drafted', 'ignored', 'unverified', 'quarantined')", name=op.f('ck_incoming_state_known')),
    sa.ForeignKeyConstraint(['request_id'], ['requests.id'], name=op.f('fk_incoming_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incoming')),
    sa.UniqueConstraint('effect', name=op.f('uq_incoming_effect')),
    sa.UniqueConstraint('source', 'uid_validity', 'uid', name='uq_incoming_source_uid')
    )
    with op.batch_alter_table('incoming', schema=None) as batch_op:
        batch_op.create_index('ix_incoming_request_id', ['request_id'], unique=False)
        batch_op.create_index('ix_incoming_sha256', ['sha256'], unique=False)
        batch_op.create_index('ix_incoming_state_next_at', ['state', 'next_at'], unique=False)

    op.create_table('drafts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('incoming_id', sa.Integer(), nullable=True),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("state IN ('open', 'completed', 'passed_on', 'dropped')", name=op.f('ck_drafts_state_known')),
    sa.ForeignKeyConstraint(['incoming_id'], ['incoming.id'], name=op.f('fk_drafts_incoming_id')),
    sa.ForeignKeyConstraint(['request_id'], ['requests.id'], name=op.f('fk_drafts_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drafts')),
    sa.UniqueConstraint('incoming_id', name=op.f('uq_drafts_incoming_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_drafts_token_hash'))
    )
    with op.batch_alter_table('drafts', schema=None) as batch_op:
        batch_op.create_index('ix_drafts_state_due_at', ['state', 'due_at'], unique=False)

    with op.batch_alter_table('letters', schema=None) as batch_op:
        batch_op.add_column(sa.Column('entry_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('incoming_id', sa.Integer(), nullable=True))
        batch_op.create_index('ix_letters_message_id', ['message_id'], unique=False)

    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reply_hash', sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_links_reply_hash'), ['reply_hash'])

    with op.batch_alter_table('requests', schema=None) as batch_op:
        batch_op.add_column(sa.Column('waiting_since', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('paused_minutes', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('ladder_step', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('ladder_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('updates_stopped_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_requests_ladder_at', ['ladder_at'], unique=False)

    _know_kinds(OLD_KINDS + NEW_KINDS)
    _begin_clocks()


def _begin_clocks() -> None:
    """Have what is open already be promised and reminded of like what comes in from now on."""
    moment = sa.DateTime(timezone=True)
    requests = sa.table(
        "requests", sa.column("id", sa.Integer), sa.column("status", sa.String),
        sa.column("handed_off_at", moment), sa.column("created_at", moment),
        sa.column("waiting_since", moment),
        sa.column("ladder_at", moment), sa.column("ladder_step", sa.Integer),
    )  # fmt: skip
    entries = sa.table(
        "entries", sa.column("request_id", sa.Integer), sa.column("kind", sa.String), sa.column("at", moment)
    )
    asked_at = (
        sa.select(sa.func.max(entries.c.at))
        .where(entries.c.request_id == requests.c.id, entries.c.kind == "asked_resident")
        .scalar_subquery()
    )
    since = {"waiting_agency": requests.c.handed_off_at, "waiting_resident": asked_at}
    for status, at in since.items():
        began = sa.func.coalesce(at, requests.c.created_at)
        op.execute(requests.update().where(requests.c.status == status).values(waiting_since=began))
    # -1: the ladder is to be begun, a few a day (casework.ladder), for four hundred letters help nobody.
    is_ours = requests.c.status.in_(("received", "acknowledged", "in_progress", "reopened"))
    op.execute(requests.update().where(is_ours).values(ladder_step=-1, ladder_at=requests.c.created_at))



def downgrade() -> None:
    listed = ", ".join(f"'{kind}'" for kind in NEW_KINDS)
    op.execute(f"DELETE FROM entries WHERE kind IN ({listed})")
    _know_kinds(OLD_KINDS)
    with op.batch_alter_table('requests', schema=None) as batch_op:
        batch_op.drop_index('ix_requests_ladder_at')
        batch_op.drop_column('updates_stopped_at')
        batch_op.drop_column('ladder_at')
        batch_op.drop_column('ladder_step')
        batch_op.drop_column('paused_minutes')
        batch_op.drop_column('waiting_since')

    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_links_reply_hash'), type_='unique')
        batch_op.drop_column('reply_hash')

    with op.batch_alter_table('letters', schema=None) as batch_op:
        batch_op.drop_index('ix_letters_message_id')
        batch_op.drop_column('incoming_id')
        batch_op.drop_column('entry_id')

    with op.batch_alter_table('drafts', schema=None) as batch_op:
        batch_op.drop_index('ix_drafts_state_due_at')

    op.drop_table('drafts')
    with op.batch_alter_table('incoming', schema=None) as batch_op:
        batch_op.drop_index('ix_incoming_state_next_at')
        batch_op.drop_index('ix_incoming_sha256')
        batch_op.drop_index('ix_incoming_request_id')

    op.drop_table('incoming')
    with op.batch_alter_table('digest_items', schema=None) as batch_op:
        batch_op.drop_index('ix_digest_items_person_sent_at')

    op.drop_table('digest_items')
    op.drop_table('recipients')
    op.drop_table('mailboxes')
    with op.batch_alter_table('absences', schema=None) as batch_op:
        batch_op.drop_index('ix_absences_person')

    op.drop_table('absences')
