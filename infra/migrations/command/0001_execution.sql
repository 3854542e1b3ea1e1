-- Ids of commands, claimed before these are decided; what makes a repeat safe for ever.
CREATE TABLE command.claims (
    id uuid PRIMARY KEY,
    actor text NOT NULL,
    input_hash text NOT NULL,
    stream text NOT NULL,
    -- The command's events have revisions above this; null: from 0.
    from_revision bigint,
    -- Counts those who took it up, from 1.
    attempt integer NOT NULL CHECK (attempt >= 1),
    -- Only for commands without events.
    answer json,
    at_us bigint NOT NULL
);
-- For the deletion of old answers.
CREATE INDEX claims_answered ON command.claims (at_us) WHERE answer IS NOT NULL;

-- Streams of things that can be named but whose id or claim doesn't tell their stream.
CREATE TABLE command.things (
    id uuid PRIMARY KEY,
    stream text NOT NULL
);

-- Bounded cores of streams' states. Those of another log or schema are ignored.
CREATE TABLE command.snapshots (
    stream text COLLATE "C" PRIMARY KEY,
    log_id uuid NOT NULL,
    schema integer NOT NULL,
    revision bigint NOT NULL,
    position bigint NOT NULL,
    recorded_at_us bigint NOT NULL,
    core json NOT NULL
);

-- Items of states (a message's author and flags), each up to a revision of its own.
CREATE TABLE command.snapshot_items (
    stream text COLLATE "C" NOT NULL,
    key uuid NOT NULL,
    log_id uuid NOT NULL,
    schema integer NOT NULL,
    revision bigint NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (stream, key)
);

-- What the process role may have to finish, and when to look.
CREATE TABLE command.todo (
    key uuid PRIMARY KEY,
    stream text NOT NULL,
    -- Of the event that called for it.
    revision bigint NOT NULL,
    due_at_us bigint NOT NULL
);
CREATE INDEX todo_due ON command.todo (due_at_us, key);

-- How far each log is worked off into the list.
CREATE TABLE command.todo_checkpoint (
    log_id uuid PRIMARY KEY,
    position bigint NOT NULL
);
