# shellcheck shell=bash
# The node's secrets, made once and kept in the state directory for its owner only.

random_hex() { head -c "$1" /dev/urandom | od -An -vtx1 | tr -d ' \n'; }
random_uuid() { cat /proc/sys/kernel/random/uuid; }

# Losing these loses the data that they protect: they belong in every backup of the state.
make_secrets() {
    local file=$state/secrets.env
    if [ ! -s "$file" ]; then
        (
            umask 077
            "$root/infra/secrets" >"$file.new" && cat >>"$file.new" <<END
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
