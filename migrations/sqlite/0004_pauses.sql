-- How long digests were held. Same tables and columns as migrations/postgres.

-- For how long nothing was sent since it started, in milliseconds, without a pause that lasts: its rate leaves that out.
ALTER TABLE digests ADD COLUMN held_ms INTEGER NOT NULL DEFAULT 0;
