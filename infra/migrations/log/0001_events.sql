-- One row: the log's id and the position of its newest event. Every append updates it, so that its
-- lock, held to the commit, makes the order of positions the order of commits, over all nodes. Its
-- columns are in no index and the page is nearly empty, so that updates stay within it (HOT).
CREATE TABLE log.log_head (
    id uuid NOT NULL,
    position bigint NOT NULL CHECK (position >= 0)
) WITH (
    fillfactor = 10,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000,
    -- Cutting off empty pages would lock out every append meanwhile.
    vacuum_truncate = false
);
CREATE UNIQUE INDEX log_head_is_one_row ON log.log_head ((true));
INSERT INTO log.log_head (id, position) VALUES (gen_random_uuid(), 0);

-- Never updated, never deleted from. `json`, not `jsonb`: what was appended is kept to the letter.
CREATE TABLE log.events (
    position bigint PRIMARY KEY,
    stream text COLLATE "C" NOT NULL,
    revision bigint NOT NULL CHECK (revision >= 0),
    event_id uuid NOT NULL,
    kind text NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    UNIQUE (stream, revision)
);
