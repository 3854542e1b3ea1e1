-- Who is in which channel, as the log tells up to the checkpoint: an account that ends has to
-- leave them all, and no stream of its own tells which.
CREATE TABLE command.memberships (
    user_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    PRIMARY KEY (user_id, channel_id)
);
CREATE INDEX memberships_of_channel ON command.memberships (channel_id);

-- Accounts that are over: what they join later, by a token that is still good, they leave.
CREATE TABLE command.deleted_users (
    user_id uuid PRIMARY KEY
);

-- Logs that were worked off before are worked off anew, now into the index, too.
DELETE FROM command.todo_checkpoint;
