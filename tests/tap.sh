# shellcheck shell=sh
# tap.sh -- for tests in shell: a folder of their own, which is the working
# folder and goes at the end, and what they say (Test Anything Protocol).
#
#     . "$srcdir/tests/tap.sh"
#     same CLAIM WANTED GOT
#     ok STATUS CLAIM         # what is in the files out and err is told too
#     done_testing            # the last line
n=0
failed=0
folder=$(mktemp -d) || exit 1
trap 'cd / && rm -rf "$folder"' EXIT
cd "$folder" || exit 1

ok() {
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $n - $2"
    else
        failed=1
        echo "not ok $n - $2"
        for file in out err; do
            [ ! -f $file ] || sed "s/^/# $file: /" $file
        done
    fi
}

same() {
    n=$((n + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $n - $1"
    else
        failed=1
        echo "not ok $n - $1"
        printf 'wanted %s\ngot %s\n' "$2" "$3" | sed 's/^/# /'
    fi
}

done_testing() {
    echo "1..$n"
    exit $failed
}
