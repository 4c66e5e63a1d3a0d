#!/bin/sh
# Data flows one way: each folder of src/ may include only these.
# HACKING draws the picture.
rules='
base:     base
db:       base db
extract:  base extract
provider: base extract provider
runner:   base extract provider runner
io:       base extract provider io
batch:    base db extract provider runner io batch
server:   base extract provider runner batch io server db
cli:      base db extract provider runner io batch server cli
'
# Libraries wrapped in one folder each.
homes='
sql.h:db sqlext.h:db curl/curl.h:provider microhttpd.h:server
'
cd "${srcdir:-.}/src" || exit 1
n=0
echo "$rules" | { while IFS=: read -r folder allowed; do
    [ -n "$folder" ] || continue
    n=$((n + 1))
    pattern=$(echo $allowed | tr ' ' '|')
    bad=$(find "$folder" -name '*.[ch]' -exec \
        grep -nE '^ *# *include +"' {} + | grep -vE "\"($pattern)/")
    if [ -z "$bad" ]; then
        echo "ok $n - $folder"
    else
        echo "not ok $n - $folder"
        echo "$bad" | sed 's/^/# /'
    fi
done
for home in $homes; do
    n=$((n + 1))
    header=${home%:*}
    folder=${home#*:}
    bad=$(grep -rnF "<$header>" . | grep -v "^./$folder/")
    if [ -z "$bad" ]; then
        echo "ok $n - $header only in $folder"
    else
        echo "not ok $n - $header only in $folder"
        echo "$bad" | sed 's/^/# /'
    fi
done
# Cycles between headers: tsort complains on one.
n=$((n + 1))
loops=$(grep -rnoE '^ *# *include +"[^"]+"' --include='*.h' . |
    sed -E 's/^\.\/([^:]+):[0-9]+: *# *include +"([^"]+)"/\1 \2/' |
    tsort 2>&1 >/dev/null)
if [ -z "$loops" ]; then
    echo "ok $n - no header includes itself in a circle"
else
    echo "not ok $n - no header includes itself in a circle"
    echo "$loops" | sed 's/^/# /'
fi
echo "1..$n"; }
