/*
 * test_source.c: until when a rollback holds the lineage back.
 */
#include "hooks/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
fill(struct record *record)
{
	memset(record, 0, sizeof(*record));
	record->held = true;
	record->source.generation = 7;
	for (int kind = 0; kind < LINEAGE_KINDS; kind++)
		record->source.files[kind] = (struct fs_ident){.dev = 1,
		    .ino = 2,
		    .size = 3,
		    .mtime_ns = 4,
		    .ctime_ns = 5};
}

static void
the_same_version_is_held(void **state)
{
	struct record record;
	struct lineage_ident now;

	(void)state;
	fill(&record);
	now = record.source;
	assert_true(record_is_held(&record, &now));
	record.held = false;
	assert_false(record_is_held(&record, &now));
}

static void
what_was_moved_or_given_away_is_the_same_version(void **state)
{
	struct record record;
	struct lineage_ident now;

	(void)state;
	fill(&record);
	now = record.source;
	now.files[LINEAGE_PRIVKEY].ctime_ns++;
	now.files[LINEAGE_CERT].ino++;
	now.files[LINEAGE_CERT].dev++;
	assert_true(record_is_held(&record, &now));
}

static void
a_renewal_is_not_held(void **state)
{
	struct record record;
	struct lineage_ident now;

	(void)state;
	fill(&record);
	now = record.source;
	now.generation++;
	assert_false(record_is_held(&record, &now));
	/* Deleted and issued anew: the number begins again. */
	for (int kind = 0; kind < LINEAGE_KINDS; kind++) {
		now = record.source;
		now.files[kind].mtime_ns++;
		assert_false(record_is_held(&record, &now));
		now = record.source;
		now.files[kind].size++;
		assert_false(record_is_held(&record, &now));
	}
}

/* What a CA dates back is told from what an operator takes back. */
static void
the_age_is_that_of_the_recorded_bundle(void **state)
{
	static struct item item;

	(void)state;
	fill(&item.record);
	item.record.installed = true;
	item.source = item.record.source;
	assert_false(source_is_renewed(&item));
	item.source.generation = 8;
	assert_true(source_is_renewed(&item));
	item.source.generation = 6;
	assert_false(source_is_renewed(&item));
	/* Somebody else's took its place. */
	item.old_digest[0] = 1;
	assert_false(source_is_renewed(&item));
	item.old_digest[0] = 0;
	item.record.installed = false;
	assert_false(source_is_renewed(&item));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_version_is_held),
	    cmocka_unit_test(what_was_moved_or_given_away_is_the_same_version),
	    cmocka_unit_test(a_renewal_is_not_held),
	    cmocka_unit_test(the_age_is_that_of_the_recorded_bundle),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
