"""The key ring's migrations, run on a connection that `services.feedback.keyring_schema` has locked."""

from alembic import context

from services.feedback.keyring_tables import RingBase

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=RingBase.metadata,
    version_table=context.config.attributes["version_table"],
)
context.run_migrations()
