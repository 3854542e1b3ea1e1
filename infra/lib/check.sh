# shellcheck shell=bash
# Runs checks one after another, all of them even if one fails, and adds up what they say.

passed=0
failed=0
failures=()

is_wanted() {
    ((${#wanted[@]} == 0)) || [[ " ${wanted[*]} " == *" $1 "* ]]
}

# Adds up the test runners' own summaries in a check's output. Gives whether there was one.
count_tests() {
    local line count found=1
    # nextest: "Summary [ 1.2s] 3 tests run: 2 passed (1 slow), 1 failed, 0 skipped"
    # node:    "# pass 2" or "ℹ pass 2", and the same with fail
    while read -r line; do
        found=0
        count=$(grep -oE '[0-9]+ passed|pass [0-9]+' <<<"$line" | grep -oE '[0-9]+')
        passed=$((passed + ${count:-0}))
        # Failed and timed out stand apart.
        while read -r count; do
            failed=$((failed + count))
        done < <(grep -oE '[0-9]+ (failed|timed out)|fail [0-9]+' <<<"$line" | grep -oE '[0-9]+')
    done < <(sed 's/\x1b\[[0-9;]*m//g' "$1" |
        grep -E '^ *Summary \[|^(#|ℹ) (pass|fail) [0-9]+$')
    return $found
}

# check NAME TITLE: runs the function NAME; on failure shows the end of its output.
check() {
    local name=$1 title=$2 log=$state/$1.log from status=0 before=$failed
    is_wanted "$name" || return 0
    from=$(now_ms)
    printf '  %-52s ' "$title"
    "$name" >"$log" 2>&1 </dev/null || status=$?
    if ((status)); then printf 'FAILED '; fi
    printf '%s\n' "$(seconds_since "$from")"
    count_tests "$log" || true
    # Things that were left out, and why.
    grep -E 'not here|not checked|^ *FLAKY ' "$log" | sort -u | sed 's/^ */      /'
    ((status)) || return 0
    failures+=("$title")
    # A check that failed without a failed test (it did not compile) counts as one.
    ((failed > before)) || failed=$((failed + 1))
    grep -E '^ *(FAIL|TIMEOUT|SIG[A-Z]+) |^error' "$log" | sort -u | head -n 40
    tail -n 40 "$log"
}

close_checks() {
    local title
    printf '\n'
    for title in "${failures[@]}"; do
        say "failed: $title"
    done
    say "$passed passed, $failed failed"
    ((failed == 0))
}
