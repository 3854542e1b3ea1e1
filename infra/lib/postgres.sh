# shellcheck shell=bash
# A PostgreSQL cluster of our own: loopback only, a free port, default durability.

# Folder of PostgreSQL's programs: of the cluster's version if it has one, else the newest.
postgres_bin() {
    local version='' found
    [ -n "${PGDATA:-}" ] && version=$(cat "$PGDATA/PG_VERSION" 2>/dev/null)
    found=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n1)
    if [ -n "$version" ] && [ -x "/usr/lib/postgresql/$version/bin/initdb" ]; then
        echo "/usr/lib/postgresql/$version/bin"
    elif [ -x "$found" ]; then
        dirname "$found"
    elif command -v initdb >/dev/null; then
        dirname "$(readlink -f "$(command -v initdb)")"
    fi
}

# Runs a program as the cluster's owner: PostgreSQL refuses root. It replaces a subshell, so
# that $! is the program itself.
as_owner() {
    cd "$cluster" || exit
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
    fi
    exec "$@"
}

# Sets `cluster` and PGDATA. As root the cluster lies where user postgres can reach it.
locate_cluster() {
    cluster=$state/postgres
    if [ "$(id -u)" = 0 ]; then
        local name
        name=$(printf '%s' "$state" | sha256sum | cut -c1-12)
        [ -d "$cluster" ] && [ ! -L "$cluster" ] && die "$cluster belongs to a user's own run"
        install -d -o postgres -g postgres -m 700 "/var/lib/moim-$name" || return
        ln -sfn "/var/lib/moim-$name" "$cluster"
        cluster=/var/lib/moim-$name
    else
        [ -L "$cluster" ] && die "$cluster belongs to a run as root; choose another --state"
        (umask 077 && mkdir -p "$cluster") || return
    fi
    PGDATA=$cluster/data
}

init_cluster() {
    local made=$cluster/new
    [ -s "$PGDATA/PG_VERSION" ] && return
    # A cluster that was left half made by an interrupted run.
    rm -rf "$made"
    printf '%s' "$MOIM_DATABASE_PASSWORD" >"$cluster/password"
    [ "$(id -u)" = 0 ] && chown postgres: "$cluster/password"
    chmod 600 "$cluster/password"
    (as_owner "$(postgres_bin)/initdb" -D "$made" -U moim --auth=scram-sha-256 \
        --pwfile="$cluster/password" --locale=C.UTF-8 -E UTF8) || return
    rm -f "$cluster/password"
    mv "$made" "$PGDATA"
}

port_taken() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A free port below those that the system gives to outgoing connections.
free_port() {
    local port tries
    for ((tries = 0; tries < 100; tries++)); do
        port=$((20000 + SRANDOM % 12000))
        port_taken "$port" || {
            echo "$port"
            return
        }
    done
    return 1
}

# The cluster's port, kept over restarts as long as it is free.
choose_postgres_port() {
    postgres_port=$(cat "$state/postgres.port" 2>/dev/null)
    if [ -z "$postgres_port" ] || port_taken "$postgres_port"; then
        postgres_port=$(free_port) || die "no free port for PostgreSQL"
        echo "$postgres_port" >"$state/postgres.port"
    fi
    local server=127.0.0.1:$postgres_port
    export MOIM_DATABASE_URL=postgres://moim:$MOIM_DATABASE_PASSWORD@$server/moim
}

# Backends that outlived their postmaster keep its memory, and a new one would refuse to start.
# They are told by their working directory and program.
end_orphans() {
    local pid tries
    for ((tries = 0; tries < 50; tries++)); do
        local left=()
        for pid in /proc/[0-9]*; do
            [ "$(readlink "$pid/cwd" 2>/dev/null)" = "$PGDATA" ] &&
                [[ "$(readlink "$pid/exe" 2>/dev/null)" == */postgres* ]] &&
                left+=("${pid#/proc/}")
        done
        ((${#left[@]})) || return 0
        ((tries == 20)) && kill -QUIT "${left[@]}" 2>/dev/null
        sleep 0.1
    done
    kill -KILL "${left[@]}" 2>/dev/null
    sleep 0.2
}

postgres_accepts() {
    "$(postgres_bin)/pg_isready" -q -h 127.0.0.1 -p "$postgres_port" -U moim
}

make_database() {
    local psql=("$(postgres_bin)/psql" -XAtq -h 127.0.0.1 -p "$postgres_port" -U moim -d postgres)
    export PGPASSWORD=$MOIM_DATABASE_PASSWORD
    local there
    there=$("${psql[@]}" -c "SELECT 1 FROM pg_database WHERE datname = 'moim'") || return
    [ "$there" = 1 ] || "${psql[@]}" -c 'CREATE DATABASE moim'
}
