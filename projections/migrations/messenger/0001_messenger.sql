-- Read model "messenger": people, channels, messages, and the feed of what happened to them.
--
-- Tables are named without a schema: they live in the schema that search_path names, normally
-- read_messenger; a rebuild makes the same tables in another one and swaps the two by renaming.
-- A column is written from one kind of stream only. There are no foreign keys: streams may be
-- projected in any order to each other. Instants (*_us) are microseconds since the Unix epoch,
-- UTC, as recorded in the log; positions are places in the log.

-- The one table with names in clear; everything else refers to people by id. From user-{id}.
CREATE TABLE users (
    id         uuid    PRIMARY KEY,
    username   text,              -- NULL: erased for good, shown as `deleted user`
    email      text,              -- as the user wrote it; NULL: erased
    created_us bigint  NOT NULL,
    active     boolean NOT NULL   -- false: the account was deleted
);

-- From channel-{id}. Rows stay when a channel is deleted. fillfactor leaves room for updates
-- within the page: last_* changes with every message.
CREATE TABLE channels (
    id            uuid     PRIMARY KEY,
    name          text     NOT NULL,
    description   text     NOT NULL,   -- perhaps empty
    visibility    smallint NOT NULL,   -- 1 PUBLIC, 2 PRIVATE
    created_by    uuid     NOT NULL,
    created_us    bigint   NOT NULL,
    deleted_us    bigint,              -- NULL: it is there
    member_count  integer  NOT NULL,   -- current members; 0 once deleted
    last_seq      integer  NOT NULL,   -- seq of the newest message of any kind; 0: none yet
    last_number   integer  NOT NULL,   -- running number of the newest TALK or NOTICE; 0: none yet
    last_position bigint   NOT NULL    -- position of the newest message, at first of the creation:
                                       -- unique, sorts by latest activity, serves as a cursor
) WITH (fillfactor = 70);

-- The latest stay of everybody who ever was in a channel. Member is whose left_us IS NULL.
-- From channel-{id}. (The reader's own marker, from readers-{id}, will be columns beside these.)
--
-- Unread messages of a member: channels.last_number - read_number.
-- Message.unreadCount: members (left_us IS NULL) with read_up_to < message.seq. Who came later
-- is left out by that too (read_up_to starts at joined_seq), and so is the author (whose own
-- message moves read_up_to). A page of messages takes one pass over the channel's members:
-- SELECT width_bucket(read_up_to, <sorted seqs>), count(*) … GROUP BY 1.
CREATE TABLE members (
    channel_id  uuid     NOT NULL,
    user_id     uuid     NOT NULL,
    role        smallint NOT NULL,     -- 1 ADMIN, 2 MEMBER
    joined_us   bigint   NOT NULL,
    joined_seq  integer  NOT NULL,     -- seq of one's own ENTER, 0 for the creator: unique among
                                       -- a channel's members, in order of joining, a cursor
    left_us     bigint,                -- when one left or the channel was deleted
    read_up_to  integer  NOT NULL,     -- seq of one's own ENTER or newest own message
    read_number integer  NOT NULL,     -- running number of TALK and NOTICE at read_up_to
    PRIMARY KEY (channel_id, user_id)
) WITH (fillfactor = 70);
CREATE INDEX members_by_user ON members (user_id) WHERE left_us IS NULL;
CREATE INDEX members_by_joining ON members (channel_id, joined_seq) WHERE left_us IS NULL;

-- Every stay in a channel, for who may see the feed's rows of which time: those with
-- joined_position <= position and (left_position IS NULL or position <= left_position).
-- From channel-{id}.
CREATE TABLE stays (
    user_id         uuid   NOT NULL,
    channel_id      uuid   NOT NULL,
    joined_position bigint NOT NULL,   -- of MemberJoined, for the creator of ChannelCreated
    left_position   bigint,            -- of one's own MemberLeft or the ChannelDeleted
    PRIMARY KEY (user_id, channel_id, joined_position)
);
CREATE INDEX stays_open ON stays (channel_id, user_id) WHERE left_position IS NULL;

-- From channel-{id}.
CREATE TABLE messages (
    channel_id uuid     NOT NULL,
    seq        integer  NOT NULL,      -- 1, 2, 3 … within the channel, without gaps
    id         uuid     NOT NULL,
    kind       smallint NOT NULL,      -- 1 TALK, 2 ENTER, 3 LEAVE, 4 NOTICE
    author_id  uuid,                   -- ENTER, LEAVE: who came or left; NULL for NOTICE
    text       text,                   -- NULL once deleted, and for ENTER and LEAVE
    reply_to   uuid,                   -- id of a message of the same channel
    number     integer  NOT NULL,      -- running number among TALK and NOTICE; for others, how
                                       -- many of these there were up to here
    sent_us    bigint   NOT NULL,
    deleted_us bigint,
    PRIMARY KEY (channel_id, seq)
);
CREATE UNIQUE INDEX messages_by_id ON messages (id);

-- Sessions that must be refused. From user-{id}.
CREATE TABLE ended_sessions (
    session_id uuid   PRIMARY KEY,
    user_id    uuid   NOT NULL,
    ended_us   bigint NOT NULL
);
CREATE INDEX ended_sessions_by_time ON ended_sessions (ended_us);

-- What happened to whom, one thin row an entity and event, kept for good: the only source of
-- pushes. kind and ref are those of events::feed::FeedKind.
CREATE TABLE feed (
    entity_id uuid     NOT NULL,       -- channel or user
    position  bigint   NOT NULL,
    kind      smallint NOT NULL,
    ref       uuid,
    at_us     bigint   NOT NULL,
    PRIMARY KEY (entity_id, position)
);
CREATE INDEX feed_by_position ON feed (position);

-- How far the log was projected; moves in the transaction that writes the rows. The feed is
-- complete up to the lowest position.
CREATE TABLE checkpoint (
    partition  smallint PRIMARY KEY,   -- 0 while the log itself is followed
    log_id     uuid     NOT NULL,      -- positions mean something in this log only
    position   bigint   NOT NULL,      -- of the last event that was projected; 0: none yet
    build      uuid     NOT NULL,      -- which build of the tables this is: new after a rebuild
    updated_us bigint   NOT NULL       -- by the database's clock
);

-- Streams with an event that can't be projected: nothing of them is projected from there on.
CREATE TABLE parked (
    stream        text   PRIMARY KEY,
    position      bigint NOT NULL,     -- of the event that failed
    kind          text   NOT NULL,     -- its kind
    error         text   NOT NULL,     -- why
    events        bigint NOT NULL,     -- how many events were left out so far, that one included
    last_position bigint NOT NULL,     -- of the newest of them
    parked_us     bigint NOT NULL      -- by the database's clock
);
