#!/bin/sh
# with_postgres.sh -- runs a test against a PostgreSQL server of its own.
#
#   sh with_postgres.sh [--optional] COMMAND [ARGUMENT...]
#
# Makes a server in a temporary folder, on a free port of the loopback, with
# nothing but the user postgres (trusted), and removes it when COMMAND ends.
# COMMAND finds
#   VITAE_TEST_PGSQL      an ODBC connection string
#   VITAE_TEST_PG_PORT    the port
#   VITAE_TEST_PG_CONTROL a script: stop (fast), crash (immediate), start,
#                         save and restore (all of it), sql TEXT (psql's
#                         answer, bare)
# VITAE_TEST_PG_CONF may hold further lines of postgresql.conf.
# Where there is no server program or no driver, prints TAP's whole-file skip
# and exits 0; with --optional runs COMMAND all the same, VITAE_TEST_PGSQL
# being empty.  As root the server runs as the user postgres or nobody.
set -u
optional=
[ "${1-}" != --optional ] || {
    optional=yes
    shift
}
skip() {
    why=$1
    shift
    if [ -n "$optional" ]; then
        VITAE_TEST_PGSQL=
        export VITAE_TEST_PGSQL
        exec "$@"
    fi
    echo "1..0 # SKIP $why"
    exit 0
}
bin=
for d in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin "$(dirname \
    "$(command -v initdb 2>/dev/null || echo /nonexistent)")"; do
    [ -x "$d/initdb" ] && [ -x "$d/postgres" ] && bin=$d
done
psql=$bin/psql
[ -x "$psql" ] || psql=$(command -v psql) || psql=
[ -n "$bin" ] && [ -n "$psql" ] || skip "no PostgreSQL server (Debian: postgresql)" "$@"
driver=$(odbcinst -q -d 2>/dev/null | tr -d '[]' |
    grep -i 'postgresql unicode' | head -1)
[ -n "$driver" ] || driver=$(odbcinst -q -d 2>/dev/null | tr -d '[]' |
    grep -i postgresql | head -1)
[ -n "$driver" ] || skip "no PostgreSQL ODBC driver (Debian: odbc-postgresql)" "$@"

folder=$(mktemp -d "${TMPDIR:-/tmp}/vitae-pg-XXXXXX") || exit 1
as=
if [ "$(id -u)" = 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    command -v setpriv >/dev/null || skip "root, and no setpriv" "$@"
    as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
    chown "$user" "$folder"
    chmod 711 "$folder"
fi

cat >"$folder/control" <<END
#!/bin/sh
cd "$folder" || exit 1
case \$1 in
stop) $as $bin/pg_ctl -D $folder/data -m fast -w stop >/dev/null ;;
crash) $as $bin/pg_ctl -D $folder/data -m immediate -w stop >/dev/null ;;
start) $as $bin/pg_ctl -D $folder/data -w -t 60 -l $folder/log start \
    >/dev/null ;;
save | restore)
    at="$as $psql -X -q -h $folder -p \$(cat $folder/port) -U postgres"
    save="CREATE DATABASE saved TEMPLATE postgres"
    restore="CREATE DATABASE postgres TEMPLATE saved"
    if [ \$1 = save ]; then
        \$at -d template1 -c "DROP DATABASE IF EXISTS saved" -c "\$save"
    else
        \$at -d template1 -c "DROP DATABASE postgres WITH (FORCE)" \\
            -c "\$restore"
    fi
    ;;
sql) $as $psql -X -q -t -A -h $folder -p \$(cat $folder/port) \
    -U postgres -d postgres -c "\$2" ;;
esac
END
chmod 755 "$folder/control"

finish() {
    status=$?
    trap - EXIT
    "$folder/control" crash 2>/dev/null
    rm -rf "$folder"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

(cd "$folder" && $as "$bin/initdb" -D "$folder/data" -A trust -U postgres \
    -E UTF8 --locale=C --no-sync --no-instructions) >"$folder/initdb" 2>&1 || {
    sed 's/^/# /' "$folder/initdb"
    echo "Bail out! initdb failed"
    exit 1
}
cat >>"$folder/data/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
fsync = off
full_page_writes = off
max_connections = 60
shared_buffers = 32MB
deadlock_timeout = 100ms
log_min_messages = warning
${VITAE_TEST_PG_CONF-}
END
# A server takes no port 0: one is tried after the other, below those that the
# system gives away, so that it is still free when a test starts it again.
tries=0
port=$((20000 + ($$ * 7) % 12000))
until echo "$port" >"$folder/port" &&
    echo "port = $port" >>"$folder/data/postgresql.conf" &&
    "$folder/control" start 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 10 ] || {
        sed 's/^/# /' "$folder/log"
        echo "Bail out! no server would start"
        exit 1
    }
    port=$((20000 + (port * 31 + 17) % 12000))
done

VITAE_TEST_PGSQL="Driver=$driver;Server=127.0.0.1;Port=$port;\
Database=postgres;UID=postgres;SSLmode=disable"
VITAE_TEST_PG_PORT=$port
VITAE_TEST_PG_CONTROL=$folder/control
export VITAE_TEST_PGSQL VITAE_TEST_PG_PORT VITAE_TEST_PG_CONTROL
"$@"
