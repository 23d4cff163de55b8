-- The editor's window: what editors decided about a draft before it goes out, the mails to them, and what was corrected afterwards.
-- Same tables and columns as migrations/postgres.

-- What editors decided about the digest of a period. It is laid over what would be chosen without them, so that what arrives until the
-- hour still takes part; no row, and it goes out as it is.
CREATE TABLE drafts (
    list_id INTEGER NOT NULL REFERENCES lists (id),
    period_ms INTEGER NOT NULL,
    -- When the editors were told of it; NULL where a command was there first.
    opened_ms INTEGER,
    -- JSON; counted up with each change, so that nobody writes over what was not seen.
    edits TEXT NOT NULL DEFAULT '{}',
    version INTEGER NOT NULL DEFAULT 0,
    edited_ms INTEGER,
    -- The editor's identity, or `command`.
    edited_by TEXT,
    PRIMARY KEY (list_id, period_ms)
) STRICT, WITHOUT ROWID;

-- Mails to editors, who need not be subscribers.
CREATE TABLE editor_mails (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('draft', 'test', 'alert')),
    list_id INTEGER NOT NULL REFERENCES lists (id),
    -- The draft that it is about; 0 for none.
    period_ms INTEGER NOT NULL,
    address TEXT NOT NULL,
    identity TEXT NOT NULL,
    -- What it says, as JSON.
    content TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'sent', 'failed', 'unknown', 'cancelled')),
    attempts INTEGER NOT NULL DEFAULT 0,
    unknowns INTEGER NOT NULL DEFAULT 0,
    due_ms INTEGER NOT NULL,
    worker_id INTEGER,
    code INTEGER,
    reply TEXT,
    created_ms INTEGER NOT NULL,
    done_ms INTEGER
) STRICT;
CREATE INDEX editor_mails_ready ON editor_mails (due_ms, id) WHERE status = 'queued' AND worker_id IS NULL;
CREATE INDEX editor_mails_leased ON editor_mails (worker_id) WHERE status = 'queued' AND worker_id IS NOT NULL;

-- What was wrong in a digest that went out. The digest itself stays as it was mailed: its page shows it corrected.
CREATE TABLE corrections (
    id INTEGER PRIMARY KEY,
    digest_id INTEGER NOT NULL REFERENCES digests (id),
    article_id INTEGER NOT NULL,
    -- What it says from now on; NULL: as before.
    title TEXT,
    summary TEXT,
    -- 1: the article is taken away.
    dropped INTEGER NOT NULL DEFAULT 0,
    -- What readers are told.
    note TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    -- The digest that tells the list's readers.
    told_in INTEGER REFERENCES digests (id)
) STRICT;
CREATE INDEX corrections_digest ON corrections (digest_id);
