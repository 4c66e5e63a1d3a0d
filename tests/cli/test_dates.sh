#!/bin/sh
# vitae dates: one line for each string, its bytes as they came.
. "$srcdir/tests/tap.sh"

tab=$(printf '\t')
printf 'May 2014 - Present\n2011-12\nsoon\n' >three
same 'four columns a line, no header' \
    "May 2014 - Present${tab}2014-05${tab}Present${tab}
2011-12${tab}2011-12${tab}${tab}ambiguous
soon${tab}${tab}${tab}none" "$("$VITAE" dates three)"
same 'standard input' "$("$VITAE" dates three)" "$("$VITAE" dates <three)"
same 'standard input by its name' "$("$VITAE" dates three)" \
    "$("$VITAE" dates - <three)"

: >empty
same 'nothing in, nothing out' '' "$("$VITAE" dates empty)"
printf '\n\n' >blank
same 'an empty string is a string' "${tab}${tab}${tab}none
${tab}${tab}${tab}none" "$("$VITAE" dates blank)"
same 'the last line may lack its end' "2014${tab}2014${tab}${tab}" \
    "$(printf '2014' | "$VITAE" dates)"

printf '\357\273\2772014\302\240\342\200\213-\342\200\2132015\r\n' >odd
printf '20\0014\377\000 5/2016\t x\n' >>odd
"$VITAE" dates odd >out
sed 's/\t[^\t]*\t[^\t]*\t[^\t]*$//' out >echoed
same 'bytes are echoed as they came' "$(od -c odd)" "$(od -c echoed)"
same 'and read' "2014${tab}2015${tab}" \
    "$(head -n 1 out | cut -f 2-)"

awk 'BEGIN { printf "2014 - 2016"; for (i = 0; i < 300000; i++) printf " x";
             print ""; print "2017" }' >long
"$VITAE" dates long >out
same 'a long line is one line' 2 "$(wc -l <out | tr -d ' ')"
same 'its beginning is read' "2014${tab}2016${tab}" "$(head -n 1 out |
    cut -f 2-)"
same 'and it is whole' "$(head -n 1 long | wc -c | tr -d ' ')" \
    "$(head -n 1 out | cut -f 1 | wc -c | tr -d ' ')"
same 'the next one too' "2017${tab}2017${tab}${tab}" "$(tail -n 1 out)"

same 'for programs' \
    '{"input":"May 2014","start":"2014-05","end":"","note":""}' \
    "$(echo 'May 2014' | "$VITAE" dates --json)"
"$VITAE" dates absent >out 2>err
same 'a missing file fails' 1 $?
same 'and is named' 1 "$(grep -c 'absent: No such file' err)"
"$VITAE" dates three three >out 2>err
same 'one file' 2 $?

# The columns of the labelled examples come out again.
for file in gold_dev gold_multilingual; do
    tail -n +2 "$srcdir/tests/extract/dates/$file.tsv" >want
    cut -f 1 want | "$VITAE" dates >got
    all=$(wc -l <want)
    differ=$(diff want got | grep -c '^>')
    same "$file" yes "$([ $((differ * 200)) -le "$all" ] && echo yes)"
done
done_testing
