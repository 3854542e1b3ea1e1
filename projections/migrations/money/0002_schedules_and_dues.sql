-- Scheduled payments with their occurrences; plans of dues with their cycles and members' parts.
-- Due times are the events' own: nothing here knows the calendar.

-- From payment-{id}. Rows stay when a payment has ended.
CREATE TABLE scheduled_payments (
    id               uuid     PRIMARY KEY,
    from_id          uuid     NOT NULL,
    to_id            uuid     NOT NULL,
    amount           bigint   NOT NULL,
    memo             text     NOT NULL,     -- perhaps empty
    frequency        smallint NOT NULL,     -- 1 ONCE, 2 DAILY, 3 WEEKLY, 4 MONTHLY
    start_at         text     NOT NULL,     -- a wall clock's, as it was written
    time_zone        text     NOT NULL,     -- IANA name
    end_at           text,
    occurrences_max  integer,               -- NULL: not bounded by a count
    status           smallint NOT NULL,     -- 1 ACTIVE, 2 PAUSED, 3 COMPLETED, 4 CANCELLED
    next_due_us      bigint,                -- whatever the status; NULL: none is to start
    created_by       uuid     NOT NULL,
    created_us       bigint   NOT NULL,
    created_position bigint   NOT NULL      -- unique, in order of creation: a cursor
) WITH (fillfactor = 80);
CREATE INDEX scheduled_payments_of_wallet ON scheduled_payments (from_id, created_position);

-- Occurrences that were started or left out. From payment-{id}.
CREATE TABLE payment_occurrences (
    payment_id  uuid     NOT NULL,
    number      integer  NOT NULL,          -- from 1: a cursor
    due_us      bigint   NOT NULL,
    status      smallint NOT NULL,          -- 1 DUE, 2 AWAITING_APPROVAL, 3 RETRYING,
                                            -- 4 SUCCEEDED, 5 FAILED, 6 SKIPPED
    transfer_id uuid,                       -- that may not have begun; NULL: it was left out
    failure     text,                       -- error code of the latest attempt that failed
    PRIMARY KEY (payment_id, number)
) WITH (fillfactor = 80);

-- From dues-{id}. Rows stay when a plan has ended.
CREATE TABLE dues_plans (
    id               uuid     PRIMARY KEY,
    wallet_id        uuid     NOT NULL,     -- that collects
    name             text     NOT NULL,
    amount           bigint   NOT NULL,     -- a member's part of a cycle
    frequency        smallint NOT NULL,     -- as in scheduled_payments, and the next four
    start_at         text     NOT NULL,
    time_zone        text     NOT NULL,
    end_at           text,
    occurrences_max  integer,
    created_by       uuid     NOT NULL,
    created_us       bigint   NOT NULL,
    created_position bigint   NOT NULL,     -- unique, in order of creation: a cursor
    ended_us         bigint                 -- NULL: it opens more cycles
);
CREATE INDEX dues_plans_of_wallet ON dues_plans (wallet_id, created_position);

-- From dues-{id}. What is waived is in none of the three sums.
CREATE TABLE dues_cycles (
    id          uuid    PRIMARY KEY,
    plan_id     uuid    NOT NULL,
    number      integer NOT NULL,           -- from 1: a cursor
    due_us      bigint  NOT NULL,
    closed      boolean NOT NULL,
    collected   bigint  NOT NULL,           -- paid, less what was refunded
    reserved    bigint  NOT NULL,           -- payments under way
    outstanding bigint  NOT NULL,           -- still to be paid
    UNIQUE (plan_id, number)
) WITH (fillfactor = 80);

-- Members' parts of cycles. From dues-{id}. What became of one follows from its columns, the
-- first that fits: exempt: EXEMPT; paid >= amount: PAID; paid > 0: PARTIAL; else UNPAID.
CREATE TABLE dues_assessments (
    cycle_id uuid    NOT NULL,
    user_id  uuid    NOT NULL,
    position bigint  NOT NULL,              -- of the event that assessed; with nth a cursor
    nth      integer NOT NULL,              -- in that event, from 0
    amount   bigint  NOT NULL,
    paid     bigint  NOT NULL,              -- less what was refunded
    exempt   boolean NOT NULL,              -- what is left is waived
    PRIMARY KEY (cycle_id, user_id)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX dues_assessments_in_order ON dues_assessments (cycle_id, position, nth);
CREATE INDEX dues_assessments_of_user ON dues_assessments (user_id);
