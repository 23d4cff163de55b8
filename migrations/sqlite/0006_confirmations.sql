-- One mail confirms all lists of a form; what is held knows when it is looked at next. Same tables and columns as
-- migrations/postgres.

-- The further lists that a mail is about, besides its own, as a JSON array of rows of `lists`; NULL: none.
ALTER TABLE deliveries ADD COLUMN also TEXT;
ALTER TABLE confirmations ADD COLUMN also TEXT;

-- When there may be room for what only waits for room; NULL: a person lets it go.
ALTER TABLE quarantine ADD COLUMN due_ms INTEGER;
UPDATE quarantine SET due_ms = held_ms
WHERE reasons NOT LIKE '%"no-proof"%' AND reasons NOT LIKE '%"disposable"%' AND reasons NOT LIKE '%"role"%';
CREATE INDEX quarantine_due ON quarantine (due_ms, held_ms, list_id, subscriber_id) WHERE due_ms IS NOT NULL;
