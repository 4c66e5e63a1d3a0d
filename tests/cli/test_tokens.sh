#!/bin/sh
# vitae tokens: what it prints, for which model, and what it refuses.
. "$srcdir/tests/tap.sh"

tab=$(printf '\t')
printf 'hello world' >hello
printf "I'm can't WE'LL they've" >words
: >empty
printf 'h\377' >latin1
printf 'h\357\277\275' >replaced

same 'a line for each file' "2${tab}hello
6${tab}words
0${tab}empty" "$("$VITAE" tokens hello words empty)"
same 'standard input by default' "2${tab}-" "$("$VITAE" tokens <hello)"
same 'standard input by its name' "2${tab}-
6${tab}words" "$("$VITAE" tokens - words <hello)"
same 'an encoding' "2${tab}hello" \
    "$("$VITAE" tokens --encoding cl100k_base hello)"
same 'a model' "2${tab}hello" "$("$VITAE" tokens --model gpt-4 hello 2>err)"
same 'a known model is exact' '' "$(cat err)"
same 'bad bytes are U+FFFD' "$("$VITAE" tokens replaced | cut -f 1)" \
    "$("$VITAE" tokens latin1 | cut -f 1)"
"$VITAE" tokens --model gemini-2.5-flash hello >out 2>err
same 'an unknown model is estimated' "4${tab}hello" "$(cat out)"
same 'and this is said' 1 "$(grep -c 'gemini-2.5-flash are estimated' err)"
same 'or told to programs' '{"file":"hello","tokens":4,"estimate":true}' \
    "$("$VITAE" tokens --json --model gemini-2.5-flash hello 2>/dev/null)"
"$VITAE" tokens absent hello >out 2>err
same 'a missing file fails' 1 $?
same 'but not the others' "2${tab}hello" "$(cat out)"
same 'and is named' 1 "$(grep -c absent err)"
"$VITAE" tokens --encoding p50k_base hello >out 2>err
same 'an unknown encoding is a setting' 3 $?
"$VITAE" tokens --encoding o200k_base --model gpt-4 hello >out 2>err
same 'both are a usage error' 2 $?
VITAE_VOCABDIR='' VITAE_DATADIR="$folder" "$VITAE" tokens hello >out 2>err
code=$?
if [ $code = 0 ]; then # vitae is installed here
    same 'no vocabulary: the installed one' "2${tab}hello" "$(cat out)"
else
    same 'no vocabulary is a matter of setting up' 3 $code
fi
done_testing
