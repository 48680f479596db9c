# What is installed beside the programs: units, completion, pages.
EXTRA_DIST += tests/integration/files.sh tests/tools/typed.py
FILES_TESTS = tests/integration/test_completion.sh \
	tests/integration/test_pages.sh \
	tests/integration/test_units.sh
dist_check_SCRIPTS += $(FILES_TESTS)
TESTS += $(FILES_TESTS)
