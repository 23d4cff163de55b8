-- How often readers followed the links of digests, for each article and day. No row says who.
-- Same tables and columns as migrations/postgres.

CREATE TABLE click_counts (
    list_id INTEGER NOT NULL REFERENCES lists (id),
    article_id INTEGER NOT NULL REFERENCES articles (id),
    -- The key of the section that the article stood in.
    section TEXT NOT NULL,
    -- Days since 1970-01-01, UTC.
    day INTEGER NOT NULL,
    clicks INTEGER NOT NULL,
    PRIMARY KEY (list_id, article_id, section, day)
) STRICT;
