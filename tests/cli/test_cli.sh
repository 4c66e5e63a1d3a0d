#!/bin/sh
# The command line as people meet it.
. "$srcdir/tests/tap.sh"

# Runs vitae: what it printed is in out and err, how it ended in $code.
run() {
    "$VITAE" "$@" >out 2>err
    code=$?
}
says() { grep -qF -e "$1" "$2"; }

run
[ $code -eq 2 ] && says 'Usage: vitae' err && [ ! -s out ]
ok $? 'no command: usage on standard error, exit 2'
run confg
[ $code -eq 2 ] && says 'vitae: unknown command "confg"; did you mean config?' err
ok $? 'an unknown command is named, with the nearest'
run config --exmple
[ $code -eq 2 ] && says 'did you mean --example?' err
ok $? 'an unknown option likewise'
run --version
[ $code -eq 0 ] && says 'vitae ' out
ok $? 'the version'
run help
cp out overview
[ $code -eq 0 ] && says 'Options of every command' out
ok $? 'help'
run nonsense --help
[ $code -eq 2 ]
ok $? 'help about nothing known'

run help life
[ $code -eq 0 ] && says submitted out
ok $? 'help about the life of a batch'

# Each command explains itself, with an example, and the manual knows it.
run help --man
cp out man
bad=
for command in $(sed -n '/^[A-Z].*:$/,$s/^  \([a-z-][a-z-]*\).*/\1/p' overview |
    grep -v -x -e --config -e --set -e --provider -e --json -e --quiet \
        -e --help -e --version); do
    run "$command" --help
    [ $code -eq 0 ] && says "Usage: vitae $command" out &&
        says '  vitae' out || bad="$bad $command"
    escaped=$(echo "$command" | sed 's/-/\\-/g')
    says ".SS \"vitae $escaped" man || bad="$bad man:$command"
done
[ -z "$bad" ]
ok $? "each command has help, an example and a place in the manual:$bad"

# Each setting is in the manual and in the example file.
run config --example
cp out example
cmp -s example "$srcdir/etc/vitae.conf"
ok $? 'etc/vitae.conf is what vitae config --example prints'
run config
bad=
while IFS=' .' read -r section name rest; do
    escaped=$(echo "$name" | sed 's/-/\\-/g')
    grep -qx -e ".B $escaped" man || bad="$bad man:$section.$name"
    grep -q -e "^#$name =" example ||
        case $name in
        password | api_key | webhook_secret | smtp_password) ;;
        *) bad="$bad example:$section.$name" ;;
        esac
done <out
[ -z "$bad" ]
ok $? "each setting is in the manual and the example:$bad"
if command -v mandoc >/dev/null 2>&1; then
    mandoc -T lint -W error man >out 2>err
    ok $? 'mandoc finds no error in the manual'
fi
if command -v bash >/dev/null 2>&1; then
    "$VITAE" help --completion bash >completion
    bash -c '. ./completion; COMP_WORDS=(vitae conf); COMP_CWORD=1; _vitae
             echo "${COMPREPLY[*]}"' >out 2>err
    [ "$(cat out)" = config ]
    ok $? 'bash completes a command'
    bash -c '. ./completion; COMP_WORDS=(vitae config --ex); COMP_CWORD=2
             _vitae; echo "${COMPREPLY[*]}"' >out 2>err
    [ "$(cat out)" = --example ]
    ok $? 'and its option'
fi

# Where settings come from.
cat >vitae.conf <<'EOF'
[batch]
batch_size = 10
[provider fast]
model = m1
base_url = http://127.0.0.1:1/v1
EOF
run config
says 'batch.batch_size = 10  # vitae.conf:2' out
ok $? './vitae.conf is read'
says 'provider:fast.model = m1  # vitae.conf:4' out
ok $? 'with its named section'
printf '[batch]\nbatch_size = 11\n' >other.conf
VITAE_CONFIG=other.conf run config
says 'batch.batch_size = 11  # other.conf:2' out
ok $? 'VITAE_CONFIG names another'
printf '[batch]\nbatch_size = 12\n' >third.conf
VITAE_CONFIG=other.conf run config --config third.conf
says 'batch.batch_size = 12  # third.conf:2' out
ok $? '--config goes before it'
VITAE_BATCH_BATCH_SIZE=13 run config
says 'batch.batch_size = 13  # VITAE_BATCH_BATCH_SIZE' out
ok $? 'the environment goes before the file'
VITAE_BATCH_BATCH_SIZE=13 run --set batch.batch_size=14 config
says 'batch.batch_size = 14  # --set' out
ok $? '--set before the command goes before all'
run config --set batch.batch_size=14 --json
says '"batch.batch_size":{"value":"14","source":"command line","place":"--set"}' out
ok $? '--set after it, as JSON'
server_ip=h database=d username=u password=geheim run config
says 'database.server = h  # server_ip' out &&
    says 'database.database = d  # database' out &&
    says 'database.username = u  # username' out &&
    says 'database.password = (set)  # password' out
ok $? 'server_ip, database, username, password'
run config --config absent.conf
[ $code -eq 3 ] && says 'absent.conf' err
ok $? 'a missing file is named, exit 3'
run config --set batch.batch_size=x
[ $code -eq 3 ] && says 'batch.batch_size: "x" is not a whole number' err
ok $? 'a wrong value is named, exit 3'
run config --set batch.bach_size=1
[ $code -eq 3 ] && says 'did you mean batch_size?' err
ok $? 'an unknown setting gets a suggestion'
run config --provider none
[ $code -eq 3 ] && says 'no section [provider none]' err
ok $? 'an unknown provider is named'

# Keys.
OPENAI_API_KEY=sk-one run config
says 'provider.api_key = (set)  # OPENAI_API_KEY' out
ok $? 'OPENAI_API_KEY is the key of openai'
says 'provider:fast.api_key =  # default' out
ok $? 'but not of a section with an endpoint of its own'
OPENAI_API_KEY=sk-one VITAE_PROVIDER_API_KEY=sk-two run config
says 'provider.api_key = (set)  # VITAE_PROVIDER_API_KEY' out
ok $? 'VITAE_PROVIDER_API_KEY is more exact'
OPENAI_API_KEY=sk-one OPENAI_BASE_URL=http://h/v1 run config \
    --set provider.name=gemini
says 'provider.api_key =  # default' out && says 'provider.base_url =  #' out
ok $? 'no key and no endpoint of openai for gemini'
GOOGLE_API_KEY=g1 run config --set provider.name=gemini
says 'provider.api_key = (set)  # GOOGLE_API_KEY' out
ok $? 'GOOGLE_API_KEY is one of gemini'
GOOGLE_API_KEY=g1 GEMINI_API_KEY=g2 run config --set provider.name=gemini
says 'provider.api_key = (set)  # GEMINI_API_KEY' out
ok $? 'GEMINI_API_KEY goes before it'
OPENAI_BASE_URL=http://h/v1 run config
says 'provider.base_url = http://h/v1  # OPENAI_BASE_URL' out
ok $? 'OPENAI_BASE_URL'
printf 'sk-three\n' >key
run config --set provider:fast.api_key_file=key
says 'provider:fast.api_key = (set)  # key' out
ok $? 'a key out of a file'
mkdir credentials
printf 'sk-four\n' >credentials/provider.api_key
CREDENTIALS_DIRECTORY=$folder/credentials run config
says "provider.api_key = (set)  # $folder/credentials/provider.api_key" out
ok $? 'a key out of a systemd credential'
printf 'sk\nfive\n' >key
run config --set provider.api_key_file=key
[ $code -eq 3 ] && says 'key does not hold one line with a secret' err
ok $? 'a key file of two lines is refused'
printf '[provider]\napi_key = sk-six\n' >other.conf
run config --config other.conf
[ $code -eq 3 ] && says 'api_key_file=' err && ! says sk-six err
ok $? 'a key in the settings file is refused, unseen'
OPENAI_API_KEY=sk-one password=geheim run config --json
! says sk- out && ! says geheim out
ok $? 'no secret is printed as JSON'

run config >/dev/null
(sleep 0.2; "$VITAE" config 2>err) | true
[ ! -s err ]
ok $? 'who reads no further is told nothing'
if [ -w /dev/full ]; then
    "$VITAE" config >/dev/full 2>err
    code=$?
    [ $code -eq 1 ] && says 'cannot write to standard output' err
    ok $? 'a full disk behind standard output is told'
fi
done_testing
