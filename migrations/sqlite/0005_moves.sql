-- Changes of address: one is a row from being asked for until one of its two addresses is erased, and its mails and links name it.
-- Times are epoch milliseconds, bound from the program's clock. Same tables and columns as migrations/postgres.

CREATE TEMP TABLE moves_before AS SELECT subscriber_id, from_id, created_ms FROM moves;
DROP TABLE moves;
CREATE TABLE moves (
    id            INTEGER PRIMARY KEY,
    -- The new address, and whose place it takes.
    subscriber_id INTEGER NOT NULL,
    from_id       INTEGER NOT NULL,
    -- When it was asked for last.
    created_ms    INTEGER NOT NULL,
    -- When it was confirmed: from_id is a former address of subscriber_id from then on.
    done_ms       INTEGER
) STRICT;
CREATE UNIQUE INDEX moves_waiting ON moves (subscriber_id, from_id) WHERE done_ms IS NULL;
CREATE INDEX moves_subscriber ON moves (subscriber_id);
CREATE INDEX moves_from ON moves (from_id);
CREATE INDEX moves_asked ON moves (created_ms) WHERE done_ms IS NULL;
INSERT INTO moves (subscriber_id, from_id, created_ms) SELECT subscriber_id, from_id, created_ms FROM moves_before;
DROP TABLE moves_before;

-- The change of address that a mail, or a link in it, is about.
ALTER TABLE deliveries ADD COLUMN move_id INTEGER;
ALTER TABLE confirmations ADD COLUMN move_id INTEGER;
-- Links that are on their way keep their meaning, which was told by time until now.
UPDATE confirmations SET move_id = (SELECT m.id FROM moves m
        WHERE m.subscriber_id = confirmations.subscriber_id AND m.created_ms <= confirmations.created_ms)
    WHERE used_ms IS NULL;
UPDATE deliveries SET move_id = (SELECT m.id FROM moves m
        WHERE m.subscriber_id = deliveries.subscriber_id AND m.created_ms <= deliveries.created_ms)
    WHERE kind = 'confirmation' AND status = 'queued';

-- Sign-ups that wait are walked page by page.
DROP INDEX subscriptions_pending;
CREATE INDEX subscriptions_pending ON subscriptions (changed_ms, list_id, subscriber_id) WHERE status = 'pending';
