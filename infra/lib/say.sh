# shellcheck shell=bash
# What a person sees: steps with their times, and clear last words.

# The terminal, also while a step's output goes to its log.
exec 3>&2

# Shows only the steps' results, not their output; that goes to this file.
step_log=/dev/null

say() { printf '%s\n' "$*"; }

die() {
    printf '\n%s: %s\n' "${0##*/}" "$*" >&3
    exit 1
}

now_ms() { printf '%s' "$((${EPOCHREALTIME/[.,]/} / 1000))"; }

seconds_since() {
    local ms=$(($(now_ms) - $1))
    printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}

# step TITLE COMMAND…: runs it, shows title and time; on failure the end of its output.
step() {
    local title=$1 from status=0
    shift
    from=$(now_ms)
    printf '  %-52s ' "$title"
    "$@" >>"$step_log" 2>&1 || status=$?
    if ((status == 0)); then
        printf '%s\n' "$(seconds_since "$from")"
    else
        printf 'failed after %s\n' "$(seconds_since "$from")"
        tail -n 25 "$step_log" >&2
        die "'$title' failed; all of its output is in $step_log"
    fi
}

# Waits up to $1 seconds until a command succeeds, trying ten times a second.
wait_until() {
    local tries_max=$(($1 * 10)) tries=0
    shift
    until "$@" >/dev/null 2>&1; do
        ((++tries < tries_max)) || return 1
        sleep 0.1
    done
}
