-- Read model "messenger", the rest of it: profiles and contacts, channels that are changed and
-- found by name, edits, reactions, read markers.

-- Rows from before lack what the new columns and tables hold. They are projected anew, from the
-- log's beginning: it has all of it.
TRUNCATE users, channels, members, stays, messages, ended_sessions, feed, checkpoint, parked;

-- From user-{id}. Once active is false, username, email and email_key are NULL for good.
ALTER TABLE users ADD COLUMN email_key text;   -- email as events::email::normalise gives it, by
                                               -- which addresses are told to be the same
CREATE INDEX users_by_email ON users (email_key) WHERE email_key IS NOT NULL;

-- From channel-{id}.
ALTER TABLE channels
    ADD COLUMN name_key   text   NOT NULL,     -- name as events::grams::fold gives it
    ADD COLUMN name_grams text[] NOT NULL;     -- events::grams::grams of name_key: whose name
                                               -- has a text in it has all the text's grams
CREATE INDEX channels_by_grams ON channels USING gin (name_grams);

-- From channel-{id}. Of a deleted message it tells of the last edit before.
ALTER TABLE messages ADD COLUMN edited_us bigint;   -- NULL: never edited

-- Who reacted to which message with what. From channel-{id}; rows go when taken back. Emojis of
-- a message are shown in the order of each one's first added_position.
CREATE TABLE reactions (
    channel_id     uuid    NOT NULL,
    seq            integer NOT NULL,           -- of the message
    emoji          text    NOT NULL,
    user_id        uuid    NOT NULL,
    added_position bigint  NOT NULL,
    PRIMARY KEY (channel_id, seq, emoji, user_id)
);

-- How far readers say that they have read. From readers-{id}; whether they are members stands
-- elsewhere. It never falls. A member has read up to
-- GREATEST(members.read_up_to, read_markers.up_to_seq), which also takes the place of
-- members.read_up_to in Message.unreadCount; the running number there is messages.number at
-- (channel_id, that seq), looked up when read.
CREATE TABLE read_markers (
    channel_id uuid    NOT NULL,
    user_id    uuid    NOT NULL,
    up_to_seq  integer NOT NULL,
    PRIMARY KEY (channel_id, user_id)
) WITH (fillfactor = 70);

-- Whom somebody has taken up as contacts. From user-{id}; rows go when removed, and with the
-- account.
CREATE TABLE contacts (
    user_id        uuid   NOT NULL,            -- whose
    contact_id     uuid   NOT NULL,
    added_us       bigint NOT NULL,
    added_position bigint NOT NULL,            -- unique: a cursor
    PRIMARY KEY (user_id, contact_id)
);
