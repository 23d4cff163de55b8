-- What decides where an article stands: its tags, the rule that placed it, what it repeats, how much it is read, and the articles that
-- stand beside the news of a digest. Same tables and columns as migrations/postgres.

-- The source's own categories, a JSON array of texts; NULL: none, or stored by an older version and not read again since.
ALTER TABLE articles ADD COLUMN categories TEXT;
-- What is new, and what may stand beside the news, is found by its date.
CREATE INDEX articles_published ON articles (published_ms);
-- By which rule the article is in this section: 'named', 'url PATTERN', 'category NAME' or 'rest'; NULL: by an older version.
ALTER TABLE placements ADD COLUMN rule TEXT;
-- The article that this one was folded into, and the figures behind the decision as a JSON object.
ALTER TABLE digest_articles ADD COLUMN other_id INTEGER REFERENCES articles (id);
ALTER TABLE digest_articles ADD COLUMN why TEXT;

-- Articles that stand in a digest beside its news. They were not looked at for that: it makes none of them old.
CREATE TABLE digest_extras (
    digest_id  INTEGER NOT NULL REFERENCES digests (id),
    article_id INTEGER NOT NULL REFERENCES articles (id),
    -- 'related', 'suggested' or 'popular'.
    kind       TEXT    NOT NULL,
    position   INTEGER NOT NULL,
    -- Thousandths: how alike it is, or its popularity.
    score      INTEGER NOT NULL,
    -- The article that it is related to.
    other_id   INTEGER REFERENCES articles (id),
    PRIMARY KEY (digest_id, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX digest_extras_article ON digest_extras (article_id);

-- How often an article was read or talked about, as this source counts: 'pushed' by a program, or 'feed'.
CREATE TABLE article_scores (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    source     TEXT    NOT NULL,
    count      INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL,
    PRIMARY KEY (article_id, source)
) STRICT, WITHOUT ROWID;
