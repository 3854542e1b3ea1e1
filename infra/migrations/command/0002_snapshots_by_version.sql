-- Two versions of a node may run side by side, and each folds states of its own shape: neither
-- replaces what the other has kept.
ALTER TABLE command.snapshots
    DROP CONSTRAINT snapshots_pkey,
    ADD PRIMARY KEY (stream, log_id, schema);
ALTER TABLE command.snapshot_items
    DROP CONSTRAINT snapshot_items_pkey,
    ADD PRIMARY KEY (stream, log_id, schema, key);
