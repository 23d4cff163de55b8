-- The main job: lists, articles, subscribers, digests and deliveries.
-- Times are epoch milliseconds, bound from the program's clock. Same tables and columns as migrations/postgres.

CREATE TABLE lists (
    id          INTEGER PRIMARY KEY,
    slug        TEXT    NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    -- Cron expression and zone, kept to notice a change; periods up to rescheduled_ms are not due (NULL: first schedule).
    schedule       TEXT NOT NULL,
    rescheduled_ms INTEGER,
    -- Set when the list left the configuration; nothing of it is deleted.
    removed_ms  INTEGER,
    created_ms  INTEGER NOT NULL
) STRICT;

CREATE TABLE feeds (
    id            INTEGER PRIMARY KEY,
    url           TEXT    NOT NULL UNIQUE,
    -- Validators of the last good answer (conditional GET), and the lists and sections it was placed in:
    -- when those change, the feed is read again in full.
    etag          TEXT,
    last_modified TEXT,
    placed_in     TEXT    NOT NULL,
    fetched_ms    INTEGER,
    tried_ms      INTEGER,
    -- The server asked not to be read before this.
    retry_ms      INTEGER,
    failures      INTEGER NOT NULL DEFAULT 0,
    error         TEXT
) STRICT;

CREATE TABLE articles (
    id           INTEGER PRIMARY KEY,
    identity     TEXT    NOT NULL UNIQUE,
    url          TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    summary_html TEXT    NOT NULL,
    summary_text TEXT    NOT NULL,
    source       TEXT,
    author       TEXT,
    image_url    TEXT,
    image_alt    TEXT,
    published_ms INTEGER NOT NULL,
    stored_ms    INTEGER NOT NULL,
    updated_ms   INTEGER NOT NULL
) STRICT;

-- An article in a list, and the section it belongs to there.
CREATE TABLE placements (
    list_id    INTEGER NOT NULL REFERENCES lists (id),
    article_id INTEGER NOT NULL REFERENCES articles (id),
    section    TEXT    NOT NULL,
    PRIMARY KEY (list_id, article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscribers (
    id         INTEGER PRIMARY KEY,
    -- NFC, case-folded local part and A-label domain (standards A11); address is what mail goes to.
    identity   TEXT    NOT NULL UNIQUE,
    address    TEXT    NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE subscriptions (
    list_id       INTEGER NOT NULL REFERENCES lists (id),
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id),
    status        TEXT    NOT NULL CHECK (status IN ('pending', 'confirmed', 'unsubscribed')),
    name          TEXT,
    created_ms    INTEGER NOT NULL,
    changed_ms    INTEGER NOT NULL,
    PRIMARY KEY (list_id, subscriber_id)
) STRICT, WITHOUT ROWID;

-- Confirmation tokens, hashed; several may be open for one subscription (one per mail).
CREATE TABLE confirmations (
    token_hash    BLOB    PRIMARY KEY,
    list_id       INTEGER NOT NULL REFERENCES lists (id),
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id),
    created_ms    INTEGER NOT NULL,
    expires_ms    INTEGER NOT NULL,
    used_ms       INTEGER
) STRICT, WITHOUT ROWID;

-- Append-only proof of each step (GDPR Art. 7(1)); wording is the hash of the text shown.
CREATE TABLE consents (
    id            INTEGER PRIMARY KEY,
    list_id       INTEGER NOT NULL REFERENCES lists (id),
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id),
    action        TEXT    NOT NULL CHECK (action IN ('subscribe', 'confirm', 'unsubscribe')),
    method        TEXT    NOT NULL,
    at_ms         INTEGER NOT NULL,
    ip            TEXT,
    user_agent    TEXT,
    page          TEXT,
    locale        TEXT,
    wording       TEXT
) STRICT;
CREATE INDEX consents_subscription ON consents (subscriber_id, list_id, id);

-- Addresses never mailed again; wins over everything else.
CREATE TABLE suppressions (
    identity   TEXT    PRIMARY KEY,
    reason     TEXT    NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE digests (
    id            INTEGER PRIMARY KEY,
    -- Unguessable; names the digest's page.
    public_id     TEXT    NOT NULL UNIQUE,
    list_id       INTEGER NOT NULL REFERENCES lists (id),
    period_ms     INTEGER NOT NULL,
    status        TEXT    NOT NULL CHECK (status IN ('draft', 'ready', 'sending', 'sent', 'cancelled', 'skipped')),
    -- Why it was skipped.
    reason        TEXT,
    -- Articles published after since_ms and up to until_ms were looked at, if no digest had looked at them before.
    since_ms      INTEGER NOT NULL,
    until_ms      INTEGER NOT NULL,
    subject       TEXT    NOT NULL,
    edition       TEXT    NOT NULL,
    article_count INTEGER NOT NULL,
    composed_ms   INTEGER NOT NULL,
    started_ms    INTEGER,
    finished_ms   INTEGER,
    -- The same digest is never made twice for a period.
    UNIQUE (list_id, period_ms)
) STRICT;

-- What was decided about each article that was looked at.
CREATE TABLE digest_articles (
    digest_id  INTEGER NOT NULL REFERENCES digests (id),
    article_id INTEGER NOT NULL REFERENCES articles (id),
    decision   TEXT    NOT NULL,
    section    TEXT    NOT NULL,
    position   INTEGER NOT NULL,
    PRIMARY KEY (digest_id, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX digest_articles_article ON digest_articles (article_id);

-- Processes that lease deliveries; one that was not seen for a while has lost its leases.
CREATE TABLE workers (
    id      INTEGER PRIMARY KEY,
    seen_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE deliveries (
    id            INTEGER PRIMARY KEY,
    kind          TEXT    NOT NULL CHECK (kind IN ('confirmation', 'welcome', 'digest', 'notice')),
    list_id       INTEGER NOT NULL REFERENCES lists (id),
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id),
    digest_id     INTEGER REFERENCES digests (id),
    status        TEXT    NOT NULL CHECK (status IN ('queued', 'sent', 'failed', 'unknown', 'cancelled')),
    attempts      INTEGER NOT NULL DEFAULT 0,
    -- How often the answer was lost after the final dot.
    unknowns      INTEGER NOT NULL DEFAULT 0,
    due_ms        INTEGER NOT NULL,
    -- The lease: which worker has it now.
    worker_id     INTEGER,
    -- The last reply.
    code          INTEGER,
    reply         TEXT,
    created_ms    INTEGER NOT NULL,
    done_ms       INTEGER
) STRICT;
-- The recipients of a digest are frozen once.
CREATE UNIQUE INDEX deliveries_digest ON deliveries (digest_id, subscriber_id) WHERE digest_id IS NOT NULL;
CREATE INDEX deliveries_ready ON deliveries (kind, due_ms, id) WHERE status = 'queued' AND worker_id IS NULL;
CREATE INDEX deliveries_leased ON deliveries (worker_id) WHERE status = 'queued' AND worker_id IS NOT NULL;
CREATE INDEX deliveries_subscriber ON deliveries (subscriber_id, created_ms) WHERE digest_id IS NULL;
-- What an unsubscribe ends, and whether a digest has anything left.
CREATE INDEX deliveries_queued_subscriber ON deliveries (subscriber_id, list_id) WHERE status = 'queued';
CREATE INDEX deliveries_queued_digest ON deliveries (digest_id) WHERE status = 'queued';
