"""The container images of the servers: the same in tests and in deploy/compose.yaml."""

NATS_IMAGE = "nats:2.15.1-alpine"
POSTGRES_IMAGE = "postgres:17.7-alpine"
