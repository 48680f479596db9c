#!/bin/bash
# Each lint can fail: a small clean tree passes all of them, and one planted
# violation at a time makes the one rule fail that it breaks, by its place.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
top=$PWD
clean=$work/clean

# FILE TEXT: printf's escapes; the folder is made.
put() {
	mkdir -p "$(dirname "$1")"
	# shellcheck disable=SC2059 # the text is a format
	printf -- "$2" >"$1"
}

# The clean tree: one file of every kind.
make_clean() {
	local lib=$clean/lib
	mkdir -p "$clean"
	cp "$top/.clang-format" "$top/.clang-tidy" "$clean"
	put "$lib/base/a.h" '#ifndef A_H\n#define A_H\n\nint a(int b);\n
#endif\n'
	put "$lib/base/a.c" '#include "base/a.h"\n
int\na(int b)\n{\n\treturn b + 1;\n}\n'
	put "$lib/cert/b.c" '#include "base/a.h"\n'
	put "$lib/haproxy/c.c" '#include "base/a.h"\n'
	put "$clean/hooks/main.c" '#include "base/a.h"\n
int\nmain(void)\n{\n\treturn a(-1);\n}\n'
	put "$clean/tests/unit/test_a.c" '#include "base/a.h"\n'
	put "$clean/acme/option_table.c" 'static const char a[] = "--a -a";\n'
	put "$clean/tests/integration/test_acme_a.sh" '#!/bin/bash
# --b\nprogram --a\nlike --b --b\n'
	put "$clean/quickstart" '#!/bin/sh\necho well\n'
	put "$clean/README" 'A tree.\n'
	put "$clean/man/a.8" '.Dd March 1, 2026\n.Dt A 8\n.Os\n.Sh NAME\n.Nm a
.Nd a tree\n.Sh DESCRIPTION\nText.\n'
}

# LINT TREE: its output, however it ends.
run_lint() {
	LINT_TREE=$2 CERTHAUL_BUILDDIR=$2 bash "$lint_dir/$1.sh" 2>&1 || true
}

passes() {
	run_lint "$1" "$clean" | grep -E '^not ok|^  ' || true
}

# LINT RULE FILE TEXT [SAYS]: with FILE in the tree, RULE fails, names the place
# and says so.
plant() {
	local tree=$work/planted says=${5-} out
	rm -rf "$tree"
	cp -r "$clean" "$tree"
	put "$tree/$3" "$4"
	out=$(run_lint "$1" "$tree")
	if grep -q 'by which this tree is judged$' <<<"$out"; then
		out=
	elif ! printf '%s\n' "$out" | grep -q "^not ok .*$2"; then
		out="the rule did not fail: $out"
	elif ! printf '%s\n' "$out" | grep -q "^#   $3:[0-9].*$says"; then
		out="the place was not named: $out"
	else
		out=
	fi
	verdict "$1 sees: $2${says:+:$says} ($3)" "mend the lint" "$out"
}

# TOOL LINT: where the tool is missing the lint fails and names its package.
without() {
	local bin=$work/bin.$1 out
	mkdir "$bin"
	find /usr/bin /bin/ -maxdepth 1 ! -type d ! -name "$1*" \
	    -exec ln -sft "$bin" {} +
	out=$(PATH=$bin run_lint "$2" "$clean")
	if printf '%s\n' "$out" | grep -q "^#.*apt-get install $1"; then
		out=
	fi
	verdict "$2 fails without $1" "mend the lint" "$out"
}

# A run of lines: COUNT TEXT.
lines() {
	local i
	for ((i = 0; i < $1; i++)); do
		printf '%s' "$2"
	done
}

make_clean
for lint in includes size banned format text secrets man options shell \
    cppcheck tidy; do
	rule "lint_$lint passes the clean tree" "mend the lint" \
	    passes "lint_$lint"
done

i=lint_includes
plant $i 'lib/base includes nothing' lib/base/x.c '#include "cert/b.h"\n'
plant $i 'lib/cert includes nothing' lib/cert/x.c '#include "haproxy/c.h"\n'
plant $i 'no library includes' lib/haproxy/x.c '#  include "hooks/e.h"\n'
plant $i 'programs never' wrapper/x.c '#include "hooks/event.h"\n'
plant $i 'acme never' acme/x.c '#include "haproxy/socket.h"\n'
plant $i 'spelled from the top' lib/cert/x.c '#include "../haproxy/c.h"\n'
plant $i 'spelled from the top' lib/cert/x.h '#include <base/a.h>\n'
plant $i 'own header first' lib/base/a.c '#include <stdio.h>
#include "base/a.h"\n'
plant $i 'own header first' lib/base/a_part.c '#include <stdio.h>\n'
plant $i 'third-party header in' lib/cert/pki.h '#include <openssl/x509.h>\n'
plant $i 'libconfig belongs' hooks/x.c '#include <libconfig.h>\n'
plant $i 'OpenSSL belongs' lib/cert/bundle.c '#include <openssl/pem.h>\n'
plant $i 'libcurl belongs' acme/x.c '#include <curl/curl.h>\n'
plant $i 'jansson belongs' acme/x.c '#include <jansson.h>\n'
plant $i 'libevent belongs' acme/x.c '#include <event2/event.h>\n'
plant $i 'cmocka stays' lib/base/x.c '#include <cmocka.h>\n'
plant $i 'nobody owns' lib/base/x.c '#include <sodium.h>\n'

plant lint_size 'lib/base: files of' lib/base/x.c "$(lines 401 ';\n')"
plant lint_size 'tests and bench: files' tests/x.c "$(lines 401 ';\n')"
plant lint_size 'hooks: functions' hooks/x.c \
    "int\nf(void)\n{\n$(lines 60 ';\n')}\n"
plant lint_size 'hooks: functions' hooks/x.c 'int f(void) {\n}\n'
plant lint_size 'hooks: functions' hooks/x.c 'int\nf(void)\n{\n\t}\n'

for name in strcpy strcat sprintf vsprintf gets strtok atoi atol system popen \
    alloca mktemp tmpnam rand srand usleep sleep; do
	plant lint_banned "no" hooks/x.c \
	    "int y; /* */ int x = $name (1);\n" " $name()"
done

# (Of a comment, and of what is looked for, no test comes.)
plant lint_options 'given by a test' acme/option_table.c '"--b -a"\n' --b

plant lint_format 'lib/base is' lib/base/x.c 'int x=1;\n'
plant lint_text 'white space' README 'a \n'
plant lint_text 'carriage return' README 'a\r\n'
plant lint_text 'control character' README 'a\033b\n'
plant lint_text 'UTF-8' README '\344\n'
plant lint_text 'one newline' README 'a'
plant lint_text 'one newline' README 'a\n\n'
plant lint_text 'indent with tabs' quickstart '#!/bin/sh\n        x\n'
plant lint_text '80 columns' lib/base/x.c "/* $(lines 80 x) */\n"

s=lint_secrets
plant $s 'package registry' README 'from registry.npm''js.org\n'
plant $s 'package registry' conf/x 'https://py''pi.org/simple\n'
plant $s 'private machine' README 'see /home''/joe/x\n'
plant $s 'private machine' README 'see /tmp/bash''_x\n'
plant $s 'private key' README '-----BEGIN PRIVATE KE''Y-----\n'
plant $s 'password in a URL' README 'http://joe:''secret@a.example/\n'
for word in TO_DO FIX_ME X_XX stu_b; do
	plant $s 'left for later' tests/x.sh "# ${word/_/}: more\n"
done

page='.Dd March 1, 2026\n.Dt X 8\n.Os\n.Sh NAME\n.Nm x\n.Nd y\n'
plant lint_man 'mandoc -Tlint' man/x.8 "$page.Sh DESCRIPTION\n.Foo\n"
plant lint_man 'mandoc -Tlint' man/x.8 "$page.Sh DESCRIPTION\nA text. B.\n"
plant lint_man 'named are there' man/x.8 \
    "$page.Sh DESCRIPTION\n.Xr certhaul-x 8\n"
plant lint_man 'what it says' man/y.8 "$page.Sh DESCRIPTION\nText.\n"

plant lint_shell 'quickstart' quickstart '#!/bin/sh\necho $1\n'
plant lint_shell 'tests/x.sh' tests/x.sh '#!/bin/bash\ncd x\nrm *\n'
plant lint_cppcheck 'lib' lib/base/x.c \
    'int\nf(void)\n{\n\tint x[2] = {0};\n\n\treturn x[2];\n}\n'
plant lint_tidy 'lib/base/x.c' lib/base/x.c \
    'int\nf(int n)\n{\n\tint *p = 0;\n\n\treturn n ? *p : 0;\n}\n'
plant lint_tidy 'lib/base/x.c' lib/base/x.c 'int x = ;\n'

without clang-format lint_format
without clang-tidy lint_tidy
without cppcheck lint_cppcheck
without mandoc lint_man
without shellcheck lint_shell
without valgrind valgrind

# valgrind.sh: a leak, and an error, each in a program of their own.
mkdir -p "$clean/tests/unit"
compile() {
	printf '#include <stdlib.h>\nint main(void) { %s }\n' "$2" |
	    ${CC:-cc} -g -O0 -x c -o "$clean/tests/unit/test_$1" -
}
rule "the programs for valgrind compile" "see the compiler" compile well \
    'free(malloc(1)); return 0;'
rule "valgrind passes what is well" "mend valgrind.sh" passes valgrind
for flaw in leak:'return malloc(9) == NULL;' \
    error:'char *p = malloc(9); p[9] = 1; free(p); return 0;'; do
	compile "${flaw%%:*}" "${flaw#*:}"
	out=$(run_lint valgrind "$clean")
	if printf '%s\n' "$out" | grep -q "^not ok .*test_${flaw%%:*}"; then
		out=
	fi
	verdict "valgrind sees this: ${flaw%%:*}" "mend valgrind.sh" "$out"
done
finish
