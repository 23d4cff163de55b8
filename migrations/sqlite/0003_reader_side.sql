-- The reader's side: what a reader chose, a digest's variants, sign-ups that are doubtful, limits of sign-ups, imports, erasure.
-- Times are epoch milliseconds, bound from the program's clock. Same tables and columns as migrations/postgres.

-- What a reader chose for a subscription; NULL is as the list does it.
ALTER TABLE subscriptions ADD COLUMN language TEXT;
-- Keys of sections, sorted, as a JSON array; NULL is everything.
ALTER TABLE subscriptions ADD COLUMN sections TEXT;
-- A rhythm of the reader's own: all of the four below are set, or none. `day` is 1 (Monday) to 7 for a week, 1 to 28 for a month,
-- and 0 for every day.
ALTER TABLE subscriptions ADD COLUMN cadence TEXT CHECK (cadence IN ('daily', 'weekly', 'monthly'));
ALTER TABLE subscriptions ADD COLUMN day INTEGER;
ALTER TABLE subscriptions ADD COLUMN hour INTEGER;
ALTER TABLE subscriptions ADD COLUMN zone TEXT;
-- With a rhythm: when the next digest is due.
ALTER TABLE subscriptions ADD COLUMN next_ms INTEGER;
-- When articles were last looked at for this reader (composed_ms of a digest), where that is not by the list's last digest.
ALTER TABLE subscriptions ADD COLUMN since_ms INTEGER;
-- No digest before this.
ALTER TABLE subscriptions ADD COLUMN paused_until_ms INTEGER;
-- When a pending one was reminded of its confirmation.
ALTER TABLE subscriptions ADD COLUMN reminded_ms INTEGER;
CREATE INDEX subscriptions_due ON subscriptions (list_id, next_ms) WHERE status = 'confirmed' AND next_ms IS NOT NULL;
-- Readers who chose anything: all others get the same.
CREATE INDEX subscriptions_choosers ON subscriptions (list_id)
    WHERE (language IS NOT NULL OR sections IS NOT NULL OR cadence IS NOT NULL OR since_ms IS NOT NULL
            OR paused_until_ms IS NOT NULL);
CREATE INDEX subscriptions_pending ON subscriptions (changed_ms) WHERE status = 'pending';
-- What is found by the reader, and looked up when a subscriber goes.
CREATE INDEX subscriptions_subscriber ON subscriptions (subscriber_id);
CREATE INDEX confirmations_subscriber ON confirmations (subscriber_id);
CREATE INDEX consents_traces ON consents (at_ms) WHERE ip IS NOT NULL OR user_agent IS NOT NULL;

-- For whom a digest is: everyone who gets it when the list sends, or the readers whose own hour has come.
ALTER TABLE digests ADD COLUMN audience TEXT NOT NULL DEFAULT 'list' CHECK (audience IN ('list', 'own'));
-- How many readers with choices had no turn or no mail, and why: a JSON object.
ALTER TABLE digests ADD COLUMN left_out TEXT NOT NULL DEFAULT '{}';
-- The archive and the schedule look at the list's own digests alone, and digests that are under way are few.
CREATE INDEX digests_of_lists ON digests (list_id, period_ms) WHERE audience = 'list';
CREATE INDEX digests_open ON digests (status, id) WHERE status IN ('ready', 'sending');
-- What readers with other choices than the list's get of a digest: frozen with its recipients. The digest's own edition is for
-- all others, variant 0 of its deliveries.
CREATE TABLE digest_variants (
    id            INTEGER PRIMARY KEY,
    digest_id     INTEGER NOT NULL REFERENCES digests (id),
    -- Unguessable; names the variant's page.
    public_id     TEXT    NOT NULL UNIQUE,
    language      TEXT,
    sections      TEXT,
    since_ms      INTEGER,
    subject       TEXT    NOT NULL,
    edition       TEXT    NOT NULL,
    article_count INTEGER NOT NULL,
    recipients    INTEGER NOT NULL
) STRICT;
CREATE INDEX digest_variants_digest ON digest_variants (digest_id);
ALTER TABLE digest_deliveries ADD COLUMN variant_id INTEGER NOT NULL DEFAULT 0;

-- Texts that were shown when a consent was given, by the hash that the consent keeps.
CREATE TABLE wordings (
    hash    TEXT    PRIMARY KEY,
    text    TEXT    NOT NULL,
    seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sign-ups that are held until a person, or room in a budget, lets them go on. Reasons are a JSON array of words.
CREATE TABLE quarantine (
    list_id       INTEGER NOT NULL,
    subscriber_id INTEGER NOT NULL,
    reasons       TEXT    NOT NULL,
    held_ms       INTEGER NOT NULL,
    PRIMARY KEY (list_id, subscriber_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX quarantine_held ON quarantine (held_ms);

-- How much of a limit of sign-ups is used up. Buckets of readers are named by keyed hashes. `used` counts since `started_ms`;
-- `marks` holds the times of the last few, as a JSON array, where a limit must be exact.
CREATE TABLE throttles (
    bucket     TEXT    PRIMARY KEY,
    started_ms INTEGER NOT NULL,
    used       INTEGER NOT NULL,
    marks      TEXT    NOT NULL DEFAULT '[]',
    -- Forgotten after this.
    until_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX throttles_until ON throttles (until_ms);

-- Proofs of work that were accepted: none counts twice.
CREATE TABLE spent_challenges (
    challenge  TEXT    PRIMARY KEY,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A subscriber who is to take the place of another when the new address is confirmed.
CREATE TABLE moves (
    subscriber_id INTEGER PRIMARY KEY,
    from_id       INTEGER NOT NULL,
    created_ms    INTEGER NOT NULL
) STRICT;
CREATE INDEX moves_from ON moves (from_id);

-- Subscribers who never confirmed are deleted, and links in old mails name subscribers: a number is never given twice. SQLite only
-- keeps that promise with AUTOINCREMENT, which a table has from its beginning or not at all.
PRAGMA defer_foreign_keys = ON;
CREATE TEMP TABLE subscribers_before AS SELECT id, identity, address, created_ms FROM subscribers;
DROP TABLE subscribers;
CREATE TABLE "subscribers" (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    -- NFC, case-folded local part and A-label domain (standards A11); address is what mail goes to.
    identity   TEXT    NOT NULL UNIQUE,
    address    TEXT    NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
INSERT INTO subscribers SELECT id, identity, address, created_ms FROM subscribers_before ORDER BY id;
DROP TABLE subscribers_before;

-- Addresses that were erased, as keyed hashes: they are never mailed again.
CREATE TABLE erasures (
    identity_hash TEXT    PRIMARY KEY,
    created_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Imports, by what was read and where it goes: one that was cut short goes on.
CREATE TABLE imports (
    fingerprint TEXT    NOT NULL,
    list_id     INTEGER NOT NULL,
    source      TEXT    NOT NULL,
    rows_done   INTEGER NOT NULL,
    added       INTEGER NOT NULL,
    started_ms  INTEGER NOT NULL,
    finished_ms INTEGER,
    PRIMARY KEY (fingerprint, list_id)
) STRICT, WITHOUT ROWID;
