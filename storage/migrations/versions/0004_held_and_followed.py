"""held and followed

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

OLD_KINDS = (
    "received", "routed", "acknowledged", "started", "answered", "noted", "asked_resident",
    "resident_replied", "reassigned", "handed_off", "agency_accepted", "agency_refused",
    "agency_finished", "redirected", "finished", "reopened", "withdrawn", "rated", "letter_failed",
    "agency_reminded", "agency_silent", "handover_arrived", "handover_failed", "rerouted",
    "mail_bounced", "mail_unverified", "mail_arrived", "undone", "reminded", "escalated", "updates_stopped",
    "updates_resumed",
)
NEW_KINDS = ("held", "released", "followed")


def _know_kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("entries") as batch_op:
        batch_op.drop_constraint(op.f("ck_entries_kind_known"), type_="check")
        batch_op.create_check_constraint(op.f("ck_entries_kind_known"), f"kind IN ({listed})")


def _know_purposes(*purposes: str) -> None:
    listed = ", ".join(f"'{purpose}'" for purpose in purposes)
    with op.batch_alter_table("links") as batch_op:
        batch_op.drop_constraint(op.f("ck_links_purpose_known"), type_="check")
        batch_op.create_check_constraint(op.f("ck_links_purpose_known"), f"purpose IN ({listed})")


def upgrade() -> None:
    op.create_table('followers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('nonce', sa.String(length=64), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['request_id'], ['requests.id'], name=op.f('fk_followers_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_followers')),
    sa.UniqueConstraint('nonce', name=op.f('uq_followers_nonce'))
    )
    with op.batch_alter_table('followers', schema=None) as batch_op:
        batch_op.create_index('ix_followers_request_id', ['request_id'], unique=False)

    with op.batch_alter_table('requests', schema=None) as batch_op:
        batch_op.add_column(sa.Column('held_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('held_signs', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.create_index('ix_requests_held_at', ['held_at'], unique=False)
        batch_op.create_index('ix_requests_lat_lon', ['lat', 'lon'], unique=False)

    _know_kinds(OLD_KINDS + NEW_KINDS)
    _know_purposes("resident", "employee", "agency", "follower")


def downgrade() -> None:
    op.execute("DELETE FROM links WHERE purpose = 'follower'")
    _know_purposes("resident", "employee", "agency")
    listed = ", ".join(f"'{kind}'" for kind in NEW_KINDS)
    op.execute(f"DELETE FROM entries WHERE kind IN ({listed})")
    _know_kinds(OLD_KINDS)
    with op.batch_alter_table('requests', schema=None) as batch_op:
        batch_op.drop_index('ix_requests_lat_lon')
        batch_op.drop_index('ix_requests_held_at')
        batch_op.drop_column('held_signs')
        batch_op.drop_column('held_at')

    with op.batch_alter_table('followers', schema=None) as batch_op:
        batch_op.drop_index('ix_followers_request_id')

    op.drop_table('followers')
