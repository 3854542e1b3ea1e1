# shellcheck shell=bash
# Building what is served: the web pages, then the binary that embeds them.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/moim
# Outside the clone, so that a fresh clone need not build everything again.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
# Queries are checked against the committed .sqlx/, so that a build needs no database.
export SQLX_OFFLINE=${SQLX_OFFLINE:-true}

# Builds query/web if its sources differ from those of the last build.
build_web() {
    local web=$root/query/web stamp
    [ -f "$web/package.json" ] || return 0
    stamp=$(cd "$web" && find . -type f -not -path './node_modules/*' -not -path './dist/*' \
        -print0 | sort -z | xargs -0 sha256sum | sha256sum)
    [ -d "$web/dist" ] && [ "$stamp" = "$(cat "$web/node_modules/.moim-stamp" 2>/dev/null)" ] &&
        return 0
    (cd "$web" && npm ci --no-audit --no-fund && npm run build) || return
    echo "$stamp" >"$web/node_modules/.moim-stamp"
}

# build_moim PROFILE (dev or release); sets `moim` to the binary.
build_moim() {
    local folder=$1
    [ "$1" = dev ] && folder=debug
    (cd "$root" && cargo build --locked --profile "$1" -p infra --bin moim) || return
    moim=$CARGO_TARGET_DIR/$folder/moim
}
