-- Feeds that move, go and fail: what is remembered of them, so that every process and every run treats them alike.
-- Same tables and columns as migrations/postgres.

-- Where the configured address leads for good (301, 308); asked instead of it while it answers.
ALTER TABLE feeds ADD COLUMN moved_to TEXT;
-- Since when its site says that it is gone for good (410); not asked again unless a person wants it.
ALTER TABLE feeds ADD COLUMN gone_ms INTEGER;
-- The first failure since the last good reading.
ALTER TABLE feeds ADD COLUMN failing_ms INTEGER;
-- It failed several times in a row and is not asked before this. What a server asked for itself is in retry_ms.
ALTER TABLE feeds ADD COLUMN backoff_ms INTEGER;
-- When the operator was told that it fails; NULL: not since the last good reading.
ALTER TABLE feeds ADD COLUMN told_ms INTEGER;
