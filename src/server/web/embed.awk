# embed.awk -- makes src/server/web.inc out of the files of the web page.
#
#   awk -f src/server/web/embed.awk FILE...
#
# Each file becomes a row { "name", lines } of a C table, line by line: a
# string of C need not be longer than 4095 characters.
FNR == 1 {
    if (open)
        print "  NULL } },"
    name = FILENAME
    sub(/.*\//, "", name)
    printf "{ \"%s\", (const char *const[]){\n", name
    open = 1
}

{
    gsub(/\\/, "&&")
    gsub(/"/, "\\\"")
    gsub(/\t/, "\\t")
    gsub(/\?\?/, "?\\?")
    printf "  \"%s\\n\",\n", $0
}

END {
    if (open)
        print "  NULL } },"
}
