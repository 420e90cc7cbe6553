# Sourced by `with-servers`, `mysql9` and `postgres`: starts throw-away database servers and ends them again.

set -euo pipefail

server_pids=()
server_dir=
command_pid=

die() {
    echo "${0##*/}: $*" >&2
    exit 3
}

# Ends what was started, by its ids, and removes the directory. Runs at every exit.
clean_up() {
    trap '' HUP INT TERM # once begun, it is carried through
    local pid
    # The command is a process group of its own: what it has started goes with it.
    if [ -n "$command_pid" ]; then end TERM "-$command_pid"; fi
    for pid in ${server_pids[@]+"${server_pids[@]}"}; do
        # PostgreSQL would wait for its clients at SIGTERM; SIGQUIT ends it at once, and MySQL and MariaDB properly.
        end QUIT "$pid"
        wait "$pid" 2>/dev/null || true
    done
    if [ -n "$server_dir" ]; then rm -rf "$server_dir"; fi
}

# end SIGNAL PID: a process, or a group by its negative id; by force after 10 s.
end() {
    local signal=$1 pid=$2 tenths
    kill "-$signal" -- "$pid" 2>/dev/null || return 0
    for ((tenths = 0; tenths < 100; tenths++)); do
        kill -0 -- "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL -- "$pid" 2>/dev/null || true
}

# in_memory_if_roomy: where files lie that are not to last. MariaDB waits for the disk at each statement of DDL: in memory it
# takes a tenth of the time.
in_memory_if_roomy() {
    local roomy=/dev/shm
    if [ -z "${TMPDIR-}" ] && [ -w "$roomy" ] &&
        [ "$(df --output=avail --block-size=1G "$roomy" 2>/dev/null | tail -n 1)" -ge 4 ] 2>/dev/null; then
        echo "$roomy"
    else
        echo "${TMPDIR:-/tmp}"
    fi
}

# make_server_dir [PARENT]: makes `$server_dir`. Its `root/` is readable by the unprivileged user, its `data/` belongs to it.
make_server_dir() {
    trap clean_up EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    server_dir="$(mktemp -d "${1:-${TMPDIR:-/tmp}}/fkcheck-server.XXXXXX")"
    mkdir -p "$server_dir/root" "$server_dir/data"
    chmod 755 "$server_dir"
    chmod 700 "$server_dir/data"
    if [ "$(id -u)" = 0 ]; then chown nobody: "$server_dir/data"; fi
}

# as_nobody WORD..., in a subshell: servers refuse to run as root. Where setpriv is, they also end when this shell is killed.
as_nobody() {
    export HOME="$server_dir/data" TMPDIR="$server_dir/data"
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --pdeathsig QUIT --reuid nobody --regid "$(id -g nobody)" --clear-groups "$@"
    elif setpriv --pdeathsig QUIT true 2>/dev/null; then
        exec setpriv --pdeathsig QUIT "$@"
    else
        exec "$@"
    fi
}

# prepare WHAT WORD...: runs what makes a data directory.
prepare() {
    local what=$1 log="$server_dir/log"
    shift
    (as_nobody "$@") >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; die "$what failed"; }
}

# A port of the loopback that nobody listens on, below those that systems give to outgoing connections.
free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}

# start_server READY WORD...: starts it in the background and waits, 60 s at most, for READY in its log.
start_server() {
    local ready=$1 log="$server_dir/log${#server_pids[@]}" pid
    shift
    : >"$log"
    as_nobody "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    server_pids+=("$pid")
    local tenths
    for ((tenths = 0; tenths < 600; tenths++)); do
        if grep -q "$ready" "$log"; then return; fi
        kill -0 "$pid" 2>/dev/null || { tail -n 20 "$log" >&2; die "the server ended at its start"; }
        sleep 0.1
    done
    tail -n 20 "$log" >&2
    die "the server isn't ready after 60 s"
}

# start_postgres BIN PORT: a cluster whose superuser `postgres` needs no password. BIN holds initdb and postgres; `loader` may
# hold the words that start them.
start_postgres() {
    local bin=$1 port=$2 data="$server_dir/data/postgres"
    prepare initdb ${loader[@]+"${loader[@]}"} "$bin/initdb" --pgdata "$data" --username postgres --auth trust --encoding UTF8 --locale C --no-sync
    # One role has to prove itself, so that a wrong password can be tested.
    (as_nobody sed -i "1i host all fkcheck_password all scram-sha-256" "$data/pg_hba.conf")
    start_server 'database system is ready to accept connections' "$bin/postgres" -D "$data" -p "$port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c jit=off -c max_prepared_transactions=2
}

# run WORD...: runs the command, in the background, so that a signal is answered while it runs, and in a process group of its
# own, so that it can be ended whole. From there it couldn't read a terminal.
run() {
    if [ -t 0 ]; then exec </dev/null; fi
    set -m
    "$@" &
    command_pid=$!
    set +m
    local code=0
    wait "$command_pid" || code=$?
    return "$code"
}

# serve VARIABLE URL [WORD...]: prints the URL; runs the command with it, or waits to be interrupted.
serve() {
    local variable=$1 url=$2
    shift 2
    if [ $# -eq 0 ]; then
        echo "$url"
        echo "Ctrl-C ends it" >&2
        wait "${server_pids[0]}"
    else
        echo "$variable=$url" >&2
        run env "$variable=$url" "$@"
    fi
}
