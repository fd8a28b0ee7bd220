#!/bin/sh
# Runs once, on an empty data folder: a user and a database for each service, which no other service may enter.
# Feedback's key ring is a database of its own with its own user: it is backed up apart from everything else.
set -eu

SECRETS="${SECRETS:-/run/secrets}"

for name in matching scheduling feedback keyring; do
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "${POSTGRES_DB:-postgres}" \
    --username "${POSTGRES_USER:-postgres}" \
    --set name="$name" --set password="$(cat "$SECRETS/${name}_password")" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
