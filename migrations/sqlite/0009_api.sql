-- Answers to requests of the API that came with an Idempotency-Key: sent again, such a request gets the same answer and does nothing.
-- Same tables and columns as migrations/postgres.

CREATE TABLE api_answers (
    -- The name of the token that sent the request, and the request's key: keys of different tokens have nothing to do with each other.
    token TEXT NOT NULL,
    request_key TEXT NOT NULL,
    -- SHA-256 of the body, in hexadecimal.
    fingerprint TEXT NOT NULL,
    -- The body of the answer.
    answer TEXT NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (token, request_key)
) STRICT;
CREATE INDEX api_answers_expiry ON api_answers (expires_ms);
