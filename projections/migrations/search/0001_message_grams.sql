-- Read model "search": what messages are found by. It stays behind "messenger", whose rows it
-- points to; texts that changed beyond its checkpoint are read from there.
--
-- As in "messenger", tables are named without a schema: they live in the schema that search_path
-- names, normally read_search.

-- Messages that have a text. From channel-{id}; rows go when a message is deleted.
CREATE TABLE message_grams (
    channel_id uuid      NOT NULL,
    seq        integer   NOT NULL,
    position   bigint    NOT NULL,   -- of the MessageSent: unique, the order of all messages
    id         uuid      NOT NULL,
    folded     text      NOT NULL,   -- the text as events::grams::fold gives it
    grams      integer[] NOT NULL,   -- events::grams::index::of_message: marks of channel and
                                     -- position, and the text's grams
    PRIMARY KEY (channel_id, seq)
);
CREATE INDEX message_grams_by_grams ON message_grams USING gin (grams);

-- How far the log was projected, as in "messenger".
CREATE TABLE checkpoint (
    partition  smallint PRIMARY KEY,
    log_id     uuid     NOT NULL,
    position   bigint   NOT NULL,
    build      uuid     NOT NULL,
    updated_us bigint   NOT NULL
);

-- Streams with an event that can't be projected, as in "messenger".
CREATE TABLE parked (
    stream        text   PRIMARY KEY,
    position      bigint NOT NULL,
    kind          text   NOT NULL,
    error         text   NOT NULL,
    events        bigint NOT NULL,
    last_position bigint NOT NULL,
    parked_us     bigint NOT NULL
);
