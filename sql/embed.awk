# embed.awk -- makes src/db/statements.inc out of sql/*.sql.
#
#   awk -f sql/embed.awk FILE...
#
# Each file becomes a row { "name", "dialect", "text" } of a C table: the name
# and the dialect ("" = portable) come from the file's name,
# batch_get.sql, claim_lock.mssql.sql.  Lines stay lines, so that "vitae sql"
# prints what was written.
function begin(path,    n, parts, name) {
    name = path
    sub(/.*\//, "", name)
    sub(/\.sql$/, "", name)
    n = split(name, parts, ".")
    printf("    { \"%s\", \"%s\",", parts[1], (n > 1 ? parts[2] : ""))
}

FNR == 1 {
    if (open)
        print " },"
    begin(FILENAME)
    open = 1
}

{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    gsub(/\t/, "\\t")
    printf "\n      \"%s\\n\"", $0
}

END {
    if (open)
        print " },"
}
