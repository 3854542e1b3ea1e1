-- Read model "money": wallets, who is in them, and every won that moves.
--
-- As in "messenger", tables are named without a schema: they live in the schema that search_path
-- names, normally read_money. A column is written from one stream only, and streams may be
-- projected in any order to each other. Amounts are minor units of the wallet's currency.
--
-- What can be told from rows is not stored: what is held in a wallet is the sum of its transfers
-- that wait; how much of a transfer was refunded is the sum of its refunds that were neither
-- declined nor expired nor returned; a transfer's status follows from which instants it has.

-- From wallet-{id}. Rows stay when a wallet is closed. fillfactor leaves room for updates within
-- the page: the balance changes with every entry.
CREATE TABLE wallets (
    id                 uuid     PRIMARY KEY,
    kind               smallint NOT NULL,   -- 1 PERSONAL, 2 GROUP
    owner              uuid     NOT NULL,
    channel_id         uuid,                -- of a group wallet
    name               text     NOT NULL,
    description        text     NOT NULL,   -- perhaps empty
    currency           text     NOT NULL,   -- ISO 4217 code
    approvals_required smallint NOT NULL,
    per_transfer       bigint,              -- NULL, both: the limits are the server's
    per_day            bigint,
    balance            bigint   NOT NULL,   -- posted
    frozen             boolean  NOT NULL,
    opened_us          bigint   NOT NULL,
    opened_position    bigint   NOT NULL,   -- unique, in order of opening: a cursor
    closed_us          bigint               -- NULL: it is open
) WITH (fillfactor = 50);
CREATE INDEX wallets_of_channel ON wallets (channel_id, opened_position)
    WHERE channel_id IS NOT NULL;
CREATE INDEX wallets_receiving ON wallets (owner, currency) WHERE kind = 1 AND closed_us IS NULL;

-- The latest stay of everybody who ever was in a wallet. Member is whose left_us IS NULL, also of
-- a wallet that was closed. From wallet-{id}.
CREATE TABLE wallet_members (
    wallet_id       uuid     NOT NULL,
    user_id         uuid     NOT NULL,
    role            smallint NOT NULL,      -- 1 ADMIN, 2 MEMBER
    joined_us       bigint   NOT NULL,
    joined_position bigint   NOT NULL,      -- unique, in order of joining: a cursor
    left_us         bigint,
    PRIMARY KEY (wallet_id, user_id)
);
CREATE INDEX wallet_members_by_user ON wallet_members (user_id, joined_position)
    WHERE left_us IS NULL;
CREATE INDEX wallet_members_by_joining ON wallet_members (wallet_id, joined_position)
    WHERE left_us IS NULL;

-- Every stay in a wallet, for who may see the feed's rows of which time: those with
-- joined_position <= position and (left_position IS NULL or position <= left_position).
-- From wallet-{id}.
CREATE TABLE wallet_stays (
    user_id         uuid   NOT NULL,
    wallet_id       uuid   NOT NULL,
    joined_position bigint NOT NULL,
    left_position   bigint,
    PRIMARY KEY (user_id, wallet_id, joined_position)
);
CREATE INDEX wallet_stays_open ON wallet_stays (wallet_id, user_id) WHERE left_position IS NULL;

-- The lines of a wallet's ledger. From wallet-{id}. Instants never fall along a stream, so that
-- (at_us, revision) sorts by revision, and one index serves the ledger, a balance as of an
-- instant, and statements.
CREATE TABLE entries (
    wallet_id     uuid     NOT NULL,
    at_us         bigint   NOT NULL,
    revision      bigint   NOT NULL,        -- of the event in the wallet's stream
    id            uuid     NOT NULL,        -- the event's
    direction     smallint NOT NULL,        -- 1 DEBIT, 2 CREDIT
    amount        bigint   NOT NULL,
    balance_after bigint   NOT NULL,
    transfer_id   uuid,                     -- NULL, both: a deposit or withdrawal
    counterparty  uuid,
    by_user       uuid,                     -- NULL: a payment provider told of a deposit
    memo          text     NOT NULL,        -- a transfer's memo, a deposit's reference
    PRIMARY KEY (wallet_id, at_us, revision)
);
CREATE UNIQUE INDEX entries_by_id ON entries (id);

-- Transfers. What the payee's stream tells may be here before what the payer's does: until then
-- from_id IS NULL, and there is no such transfer yet. Its status, the first that fits:
--   returned_us: REFUNDED; credited_us: COMPLETED; debited_us: DEBITED; declined_us: DECLINED;
--   expired_us: EXPIRED; else AWAITING_APPROVAL.
CREATE TABLE transfers (
    id                 uuid     PRIMARY KEY,
    -- From the payer's wallet-{id}.
    from_id            uuid,
    to_id              uuid,
    amount             bigint,
    memo               text,
    requested_by       uuid,
    origin             smallint,            -- 1 MANUAL, 2 SCHEDULED, 3 DUES, 4 REFUND
    origin_id          uuid,                -- scheduled payment; cycle; transfer that is paid back
    origin_number      integer,             -- of the scheduled payment's occurrence
    requested_us       bigint,              -- of its first event: the request or the debit
    requested_position bigint,              -- of that event: unique, a cursor
    approvals_required smallint,
    expires_us         bigint,              -- NULL: it never waited for approvals
    day                date,                -- that the spending counts on; NULL: on none
    debited_us         bigint,
    declined_us        bigint,
    expired_us         bigint,
    returned_us        bigint,              -- it bounced, and its amount is back
    -- From the payee's wallet-{id}.
    credited_us        bigint,
    bounced_us         bigint
) WITH (fillfactor = 80);
CREATE INDEX transfers_waiting ON transfers (from_id, requested_position)
    WHERE expires_us IS NOT NULL AND debited_us IS NULL AND declined_us IS NULL
      AND expired_us IS NULL;
CREATE INDEX transfers_given_back ON transfers (from_id, day)
    WHERE declined_us IS NOT NULL OR expired_us IS NOT NULL;
CREATE INDEX transfers_refunds ON transfers (origin_id) WHERE origin = 4;

-- Who approved a transfer that waited; the requester aside, whose request is an approval.
-- From the payer's wallet-{id}.
CREATE TABLE transfer_approvals (
    transfer_id uuid   NOT NULL,
    position    bigint NOT NULL,            -- of the approval: unique
    user_id     uuid   NOT NULL,
    PRIMARY KEY (transfer_id, position)
);

-- What was asked to be spent on a day. Of it, what was declined or has expired is given back:
-- that is to be subtracted. From wallet-{id}.
CREATE TABLE spendings (
    wallet_id uuid   NOT NULL,
    day       date   NOT NULL,              -- of the server's time zone
    amount    bigint NOT NULL,
    PRIMARY KEY (wallet_id, day)
) WITH (fillfactor = 50);

-- What happened to whom, kept for good: the only source of pushes. kind and ref are those of
-- events::feed::FeedKind. An event may have rows of several wallets, and several of one.
CREATE TABLE feed (
    entity_id uuid     NOT NULL,            -- wallet
    position  bigint   NOT NULL,
    kind      smallint NOT NULL,
    ref       uuid,
    at_us     bigint   NOT NULL,
    PRIMARY KEY (entity_id, position, kind)
);
CREATE INDEX feed_by_position ON feed (position);

-- How far the log was projected, as in "messenger".
CREATE TABLE checkpoint (
    partition  smallint PRIMARY KEY,
    log_id     uuid     NOT NULL,
    position   bigint   NOT NULL,
    build      uuid     NOT NULL,
    updated_us bigint   NOT NULL
);

-- The event that can't be projected, if one stopped the projection. Unlike in "messenger" nothing
-- is left out: all stands still at the position before it, and the row goes when it went on.
CREATE TABLE parked (
    stream        text   PRIMARY KEY,
    position      bigint NOT NULL,
    kind          text   NOT NULL,
    error         text   NOT NULL,
    events        bigint NOT NULL,
    last_position bigint NOT NULL,
    parked_us     bigint NOT NULL
);
