-- The delivery engine. A digest's deliveries leave the table of all mails for narrow rows of their own: a million of
-- them are written once when they are frozen, and what becomes of them is kept by ranges.
-- Times are epoch milliseconds, bound from the program's clock. Same tables and columns as migrations/postgres.

ALTER TABLE digests ADD COLUMN recipients INTEGER NOT NULL DEFAULT 0;
-- Nothing is leased while it is set. By whom: 'operator', 'relay' (until a relay can be used again), or 'refusal'.
ALTER TABLE digests ADD COLUMN paused_ms INTEGER;
ALTER TABLE digests ADD COLUMN paused_by TEXT CHECK (paused_by IN ('operator', 'relay', 'refusal'));
ALTER TABLE digests ADD COLUMN pause_reason TEXT;
-- Set when its deliveries were pruned; their counts are then kept here.
ALTER TABLE digests ADD COLUMN pruned_ms INTEGER;
ALTER TABLE digests ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE digests ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE digests ADD COLUMN unknown INTEGER NOT NULL DEFAULT 0;
ALTER TABLE digests ADD COLUMN cancelled INTEGER NOT NULL DEFAULT 0;

-- Mailbox providers and their domains, as the configuration groups them. Provider 0 is every other domain.
CREATE TABLE providers (
    id   INTEGER PRIMARY KEY,
    name TEXT    NOT NULL UNIQUE
) STRICT;
CREATE TABLE provider_domains (
    domain      TEXT    PRIMARY KEY,
    provider_id INTEGER NOT NULL REFERENCES providers (id)
) STRICT, WITHOUT ROWID;

-- The provider of a subscription's address, kept here so that a digest is frozen from this table alone.
ALTER TABLE subscriptions ADD COLUMN provider_id INTEGER NOT NULL DEFAULT 0;

-- Who gets a digest: frozen once, never updated. No foreign keys: they would be looked up a million times, and a row
-- is only ever made from a subscription that is there.
CREATE TABLE digest_deliveries (
    subscriber_id INTEGER NOT NULL,
    digest_id     INTEGER NOT NULL,
    provider_id   INTEGER NOT NULL,
    PRIMARY KEY (digest_id, provider_id, subscriber_id)
) STRICT, WITHOUT ROWID;

-- How far the deliveries of a digest to one provider have been handed out in ranges.
CREATE TABLE digest_queues (
    digest_id   INTEGER NOT NULL REFERENCES digests (id),
    provider_id INTEGER NOT NULL,
    cursor_id   INTEGER NOT NULL DEFAULT 0,
    exhausted   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (digest_id, provider_id)
) STRICT, WITHOUT ROWID;

-- Deliveries handed out together, in the order of subscribers: settled up to done_id, and those of the JSON array
-- `beyond`. What is settled was sent at the first attempt (`sent` counts these) or has a row in digest_attempts.
-- worker_id is the lease; without one and not done, the range waits for a worker.
CREATE TABLE digest_ranges (
    digest_id   INTEGER NOT NULL REFERENCES digests (id),
    provider_id INTEGER NOT NULL,
    first_id    INTEGER NOT NULL,
    last_id     INTEGER NOT NULL,
    done_id     INTEGER NOT NULL,
    beyond      TEXT    NOT NULL DEFAULT '[]',
    sent        INTEGER NOT NULL DEFAULT 0,
    -- Of these, how many each relay took: a JSON object.
    relays      TEXT    NOT NULL DEFAULT '{}',
    worker_id   INTEGER,
    PRIMARY KEY (digest_id, provider_id, first_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX digest_ranges_free ON digest_ranges (provider_id, digest_id) WHERE worker_id IS NULL AND done_id < last_id;
CREATE INDEX digest_ranges_leased ON digest_ranges (worker_id) WHERE worker_id IS NOT NULL;

-- The deliveries of digests that were not simply sent at the first attempt. 'waiting' ones are tried again at due_ms.
CREATE TABLE digest_attempts (
    digest_id     INTEGER NOT NULL REFERENCES digests (id),
    subscriber_id INTEGER NOT NULL,
    provider_id   INTEGER NOT NULL,
    status        TEXT    NOT NULL CHECK (status IN ('waiting', 'sent', 'failed', 'unknown', 'cancelled')),
    attempts      INTEGER NOT NULL,
    -- How often the answer was lost after the final dot.
    unknowns      INTEGER NOT NULL,
    due_ms        INTEGER NOT NULL,
    worker_id     INTEGER,
    -- The last relay and its reply.
    relay         TEXT,
    code          INTEGER,
    reply         TEXT,
    done_ms       INTEGER,
    PRIMARY KEY (digest_id, subscriber_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX digest_attempts_due ON digest_attempts (due_ms) WHERE status = 'waiting' AND worker_id IS NULL;
CREATE INDEX digest_attempts_leased ON digest_attempts (worker_id) WHERE worker_id IS NOT NULL;

-- Where each delivery of a digest stands.
CREATE VIEW digest_delivery_states AS
    SELECT d.digest_id, d.provider_id, d.subscriber_id,
        CASE
            WHEN a.status = 'waiting' AND g.status = 'cancelled' THEN 'cancelled'
            WHEN a.status = 'waiting' THEN 'queued'
            WHEN a.status IS NOT NULL THEN a.status
            WHEN r.done_id >= d.subscriber_id THEN 'sent'
            WHEN EXISTS (SELECT 1 FROM json_each(r.beyond) b WHERE b.value = d.subscriber_id) THEN 'sent'
            WHEN g.status = 'cancelled' THEN 'cancelled'
            ELSE 'queued'
        END AS status,
        COALESCE(a.attempts, CASE WHEN r.done_id >= d.subscriber_id OR EXISTS (SELECT 1 FROM json_each(r.beyond) b WHERE b.value = d.subscriber_id) THEN 1 ELSE 0 END) AS attempts,
        a.due_ms, COALESCE(a.worker_id, CASE WHEN a.status IS NULL THEN r.worker_id END) AS worker_id, a.code, a.reply
    FROM digest_deliveries d
    JOIN digests g ON g.id = d.digest_id
    LEFT JOIN digest_attempts a ON a.digest_id = d.digest_id AND a.subscriber_id = d.subscriber_id
    -- Ranges of one queue never overlap: only the last that begins no later can hold a subscriber. It is found by the key; a join
    -- over both ends compares with every range.
    LEFT JOIN digest_ranges r ON r.digest_id = d.digest_id AND r.provider_id = d.provider_id
        AND r.first_id = (SELECT MAX(x.first_id) FROM digest_ranges x
            WHERE x.digest_id = d.digest_id AND x.provider_id = d.provider_id AND x.first_id <= d.subscriber_id)
        AND r.last_id >= d.subscriber_id;

-- Limits that hold across processes and restarts: for rates, when the next mail may go if all went evenly (microseconds);
-- for daily caps, how many went on that day (days since 1970, UTC).
CREATE TABLE budgets (
    name   TEXT    PRIMARY KEY,
    tat_us INTEGER NOT NULL DEFAULT 0,
    day    INTEGER NOT NULL DEFAULT 0,
    used   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Providers and domains that asked us to slow down, until when, and how often in a row.
CREATE TABLE backoffs (
    name     TEXT    PRIMARY KEY,
    until_ms INTEGER NOT NULL,
    level    INTEGER NOT NULL,
    reply    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- What only one worker does at a time.
CREATE TABLE leaders (
    role      TEXT    PRIMARY KEY,
    worker_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was frozen by an older version moves over.
INSERT INTO digest_deliveries (digest_id, provider_id, subscriber_id)
    SELECT digest_id, 0, subscriber_id FROM deliveries WHERE digest_id IS NOT NULL;
INSERT INTO digest_attempts (digest_id, subscriber_id, provider_id, status, attempts, unknowns, due_ms, code, reply, done_ms)
    SELECT digest_id, subscriber_id, 0, CASE status WHEN 'queued' THEN 'waiting' ELSE status END, attempts, unknowns, due_ms, code,
        reply, done_ms
    FROM deliveries WHERE digest_id IS NOT NULL AND (status <> 'queued' OR attempts > 0);
INSERT INTO digest_queues (digest_id, provider_id) SELECT DISTINCT digest_id, 0 FROM digest_deliveries;
UPDATE digests SET recipients = (SELECT COUNT(*) FROM digest_deliveries d WHERE d.digest_id = digests.id);

DELETE FROM deliveries WHERE digest_id IS NOT NULL;
DROP INDEX deliveries_digest;
DROP INDEX deliveries_subscriber;
DROP INDEX deliveries_queued_digest;
ALTER TABLE deliveries DROP COLUMN digest_id;
CREATE INDEX deliveries_subscriber ON deliveries (subscriber_id, created_ms);
