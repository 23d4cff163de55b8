-- Readers' windows: what a digest looked at for whom, and what of a digest that was taken back is still owed to its readers.
-- Same tables and columns as migrations/postgres.

-- Digests that were taken back before they reached this reader, each with the window that the reader had then: a JSON array of
-- [digest, seen_ms].
ALTER TABLE subscriptions ADD COLUMN owed TEXT;
DROP INDEX subscriptions_choosers;
CREATE INDEX subscriptions_choosers ON subscriptions (list_id)
    WHERE (language IS NOT NULL OR sections IS NOT NULL OR cadence IS NOT NULL OR since_ms IS NOT NULL
            OR paused_until_ms IS NOT NULL OR owed IS NOT NULL);
-- What the reader is owed should this delivery be taken back; NULL: the digest itself, from where the list was before it.
ALTER TABLE digest_deliveries ADD COLUMN owed TEXT;
-- The windows that were looked at when it was composed, as a JSON array; NULL: by an older version.
ALTER TABLE digests ADD COLUMN looked TEXT;
-- 1: taken back after it had started, and what its readers missed is not put down in their subscriptions yet.
ALTER TABLE digests ADD COLUMN owes INTEGER NOT NULL DEFAULT 0;
CREATE INDEX digests_owing ON digests (id) WHERE owes = 1;
