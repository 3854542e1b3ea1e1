-- Users' own keys, wrapped by the data key. A row without key is a tombstone and stays for good.
CREATE TABLE vault.user_keys (
    user_id uuid PRIMARY KEY,
    -- Nonce (24 bytes), ciphertext and tag (XChaCha20-Poly1305, associated data: the user id).
    wrapped bytea,
    created_us bigint NOT NULL,
    destroyed_us bigint,
    CHECK ((wrapped IS NULL) = (destroyed_us IS NOT NULL))
);

-- Tell a node that its secrets are not those that this data was written with.
CREATE TABLE vault.key_checks (
    name text PRIMARY KEY,
    value text NOT NULL
);
