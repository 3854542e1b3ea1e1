# shellcheck shell=bash
# The node's secrets, made once and kept in the state directory for its owner only.

random_bytes() { head -c "$1" /dev/urandom | base64 -w0; }
random_hex() { head -c "$1" /dev/urandom | od -An -vtx1 | tr -d ' \n'; }
random_uuid() { cat /proc/sys/kernel/random/uuid; }

# Losing these loses the data that they protect: they belong in every backup of the state.
make_secrets() {
    local file=$state/secrets.env
    if [ ! -s "$file" ]; then
        (
            umask 077
            cat >"$file.new" <<END
MOIM_DATA_KEY=$(random_bytes 32)
MOIM_HASH_KEY=$(random_bytes 32)
MOIM_PEPPER=$(random_bytes 32)
MOIM_TOKEN_KEYS=k1:$(random_bytes 32)
database_password=$(random_hex 16)
demo_password=$(random_hex 8)
demo_user_command=$(random_uuid)
demo_channel=$(random_uuid)
demo_message=$(random_uuid)
END
            mv "$file.new" "$file"
        ) || return
    fi
    # shellcheck source=/dev/null
    . "$file"
    export MOIM_DATA_KEY MOIM_HASH_KEY MOIM_PEPPER MOIM_TOKEN_KEYS
}
