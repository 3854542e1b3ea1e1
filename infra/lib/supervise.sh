# shellcheck shell=bash
# Starts PostgreSQL and moim, starts either again when it dies, and stops both.

restarts_max=5          # a minute, of one child
restart_delay_s=1
ready_wait_s=60         # until a node that was just started must be ready
moim_stop_s=15          # a node drains for at most 10 s
postgres_stop_s=30

declare -A child_pid=() restart_times=()

# Children get a session of their own, so that Ctrl-C reaches them in order, through us, and
# none of our descriptors: whoever holds the lock's would look like a running supervisor.
launch() {
    local name=$1 log=$state/$1.log
    shift
    [ "$(stat -c %s "$log" 2>/dev/null || echo 0)" -gt 100000000 ] && mv "$log" "$log.1"
    ("$@") >>"$log" 2>&1 3>&- 9>&- </dev/null &
    child_pid[$name]=$!
    echo "$!" >"$state/$name.pid"
}

run_postgres() {
    as_owner setsid "$(postgres_bin)/postgres" -D "$PGDATA" -p "$postgres_port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=100
}

run_moim() { exec setsid "$moim" serve; }

start_postgres() {
    end_orphans
    launch postgres run_postgres
}

start_moim() { launch moim run_moim; }

alive() { [ -n "${child_pid[$1]:-}" ] && kill -0 "${child_pid[$1]}" 2>/dev/null; }

# is_ours PIDFILE WORD: gives the pid in the file if that process still is what it was.
is_ours() {
    local pid
    pid=$(cat "$1" 2>/dev/null) || return
    [[ "$pid" =~ ^[0-9]+$ ]] && grep -qz -- "$2" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
}

# What a supervisor that was killed has left running.
stop_leftovers() {
    local pid
    if pid=$(is_ours "$state/moim.pid" serve); then
        kill -TERM "$pid"
        wait_until "$moim_stop_s" gone "$pid" || kill -KILL "$pid"
    fi
    if pid=$(is_ours "$state/postgres.pid" "$PGDATA"); then
        kill -INT "$pid"
        wait_until "$postgres_stop_s" gone "$pid" || kill -QUIT "$pid"
    fi
    rm -f "$state/moim.pid" "$state/postgres.pid"
}

gone() { ! kill -0 "$1" 2>/dev/null; }

stop_child() {
    local name=$1 signal=$2 wait_s=$3 pid=${child_pid[$1]:-}
    [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || return 0
    kill -"$signal" "$pid"
    wait_until "$wait_s" gone "$pid" || kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    rm -f "$state/$name.pid"
}

# However this script ends; a second call finds nothing to do.
stop_all() {
    trap '' INT TERM HUP
    stop_child moim TERM "$moim_stop_s"
    # Clients disconnected, checkpoint written.
    stop_child postgres INT "$postgres_stop_s"
    rm -f "$state/run.env"
}

ready() { curl -fsS -m 2 "$ops_url/readyz"; }

# Waits for a condition while a child must stay alive.
wait_for_child() {
    local name=$1 deadline=$((SECONDS + ready_wait_s))
    shift
    until "$@" >/dev/null 2>&1; do
        if ! alive "$name" || ((SECONDS > deadline)); then
            tail -n 15 "$state/$name.log" >&3
            die "$name did not get ready; its log is $state/$name.log"
        fi
        sleep 0.1
    done
}

# Restarts of a child within the last minute, this one included.
count_restart() {
    local name=$1 time recent=()
    for time in ${restart_times[$name]:-}; do
        ((SECONDS - time < 60)) && recent+=("$time")
    done
    recent+=("$SECONDS")
    restart_times[$name]="${recent[*]}"
    ((${#recent[@]} <= restarts_max))
}

restart() {
    local name=$1 status=0
    wait "${child_pid[$name]}" 2>/dev/null || status=$?
    if ! count_restart "$name"; then
        die "$name ended $((restarts_max + 1)) times within a minute (last with status $status);" \
            "its log is $state/$name.log"
    fi
    say "$(date +%T) $name ended with status $status and is started again"
    sleep "$restart_delay_s"
    "start_$name"
}

# Until a signal ends it.
supervise() {
    local name pipe
    # Reading from a pipe that nobody writes to waits without a process.
    exec {pipe}<> <(:)
    while true; do
        read -rt 0.2 -u "$pipe" || true
        for name in postgres moim; do
            alive "$name" || restart "$name"
        done
    done
}
