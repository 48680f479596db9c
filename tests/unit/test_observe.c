/*
 * test_observe.c: the places on disk and what the record knows, without any
 * HAProxy; what HAProxy adds is tested with a real one.
 */
#include "wrapper/observe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cert/record.h"
#include "tests/unit/lineages.h"
#include "tests/unit/scratch.h"

/* Everything below the tree of lineages.h; update is "none". */
struct world {
	void **state;
	char config_dir[PATH_MAX], bundle_dir[PATH_MAX], state_dir[PATH_MAX];
	struct conf conf;
	struct observed observed;
	struct err err;
};

static void
copy_path(char *to, void **state, const char *name)
{
	(void)snprintf(to, PATH_MAX, "%s", scratch_path(state, name));
}

static void
make(struct world *world, void **state)
{
	memset(world, 0, sizeof(*world));
	world->state = state;
	(void)snprintf(world->config_dir, sizeof(world->config_dir), "%s",
	    lineages_config(state));
	copy_path(world->bundle_dir, state, "bundles");
	copy_path(world->state_dir, state, "state");
	(void)mkdir(world->bundle_dir, 0700);
	world->conf.engine_program = "";
	world->conf.letsencrypt.config_dir = world->config_dir;
	world->conf.haproxy.bundle_dir = world->bundle_dir;
	world->conf.haproxy.crt_list = "";
	world->conf.haproxy.update = CONF_UPDATE_NONE;
	world->conf.state_dir = world->state_dir;
}

static const struct observation *
look_at(struct world *world, const char *name)
{
	const char *const names[] = {name};
	const struct observe_options options = {
	    .names = names, .name_count = 1};

	observed_free(&world->observed);
	err_clear(&world->err);
	assert_int_equal(
	    observe(&world->conf, &options, &world->observed, &world->err), 0);
	assert_int_equal(world->observed.count, 1);
	assert_string_equal(world->observed.items[0].name, name);
	return &world->observed.items[0];
}

static const char *
bundle_path(struct world *world, const char *name)
{
	static char path[2 * PATH_MAX];

	(void)snprintf(
	    path, sizeof(path), "%s/%s.pem", world->bundle_dir, name);
	return path;
}

/* The bundle of `name` gets the bytes of the lineage `from`. */
static void
put_bundle(struct world *world, const char *name, const char *from)
{
	char file[200];
	struct bundle bundle;

	lineages_build(world->state, from, &bundle);
	(void)snprintf(file, sizeof(file), "bundles/%s.pem", name);
	scratch_write(
	    world->state, file, bundle.pem.data, bundle.pem.len, 0600);
	bundle_free(&bundle);
}

static void
save_record(struct world *world, const struct record *record)
{
	struct record_store *store = NULL;

	assert_int_equal(
	    record_store_open(world->state_dir, &store, &world->err), 0);
	assert_int_equal(record_save(store, record, true, &world->err), 0);
	record_store_close(store);
}

static void
every_lineage_is_seen_in_order(void **state)
{
	static const struct observe_options all;
	struct world world;
	size_t well = 0, broken = 0;

	make(&world, state);
	assert_int_equal(
	    observe(&world.conf, &all, &world.observed, &world.err), 0);
	for (size_t i = 0; i < world.observed.count; i++) {
		const struct observation *item = &world.observed.items[i];

		if (i > 0)
			assert_true(strcmp(item[-1].name, item->name) < 0);
		assert_int_equal(
		    item->at[OBSERVE_BUNDLE].verdict, OBSERVE_ABSENT);
		assert_int_equal(
		    item->at[OBSERVE_MEMORY].verdict, OBSERVE_UNKNOWN);
		well += item->at[OBSERVE_LINEAGE].verdict == OBSERVE_SAME;
		broken += item->at[OBSERVE_LINEAGE].verdict == OBSERVE_BROKEN &&
		    *item->at[OBSERVE_LINEAGE].why != '\0';
	}
	assert_in_range(well, 10, world.observed.count);
	assert_in_range(broken, 4, world.observed.count);
	assert_int_equal(world.observed.haproxy.sockets, 0);
	assert_false(world.observed.haproxy.needed);
	/* A look makes nothing. */
	assert_int_equal(access(world.state_dir, F_OK), -1);
	observed_free(&world.observed);
}

static void
a_lineage_has_its_facts(void **state)
{
	const struct observation *item;
	struct bundle bundle;
	struct world world;
	const struct pki_facts *facts;

	make(&world, state);
	item = look_at(&world, "good-p256");
	lineages_build(state, "good-p256", &bundle);
	facts = pki_cert_facts(bundle.leaf);
	assert_int_equal(item->not_after_s, facts->not_after_s);
	assert_string_equal(item->at[OBSERVE_LINEAGE].serial, facts->serial);
	assert_string_equal(item->key, "P-256");
	assert_string_equal(item->issuer, facts->issuer_cn);
	assert_int_equal(item->name_count, facts->name_count);
	assert_string_equal(item->names[0], facts->names[0]);
	assert_true(item->autorenew);
	assert_false(item->gone);
	bundle_free(&bundle);
	observed_free(&world.observed);
}

static void
the_bundle_is_compared_with_the_lineage(void **state)
{
	const struct observation *item;
	struct world world;

	make(&world, state);
	put_bundle(&world, "good-p256", "good-p256");
	item = look_at(&world, "good-p256");
	assert_int_equal(item->at[OBSERVE_BUNDLE].verdict, OBSERVE_SAME);
	assert_int_not_equal(item->deployed_s, 0);

	put_bundle(&world, "good-p256", "good-renewed");
	item = look_at(&world, "good-p256");
	assert_int_equal(item->at[OBSERVE_BUNDLE].verdict, OBSERVE_OTHER);
	assert_string_not_equal(
	    item->at[OBSERVE_BUNDLE].serial, item->at[OBSERVE_LINEAGE].serial);

	scratch_write(state, "bundles/good-p256.pem", "garbage", 7, 0600);
	item = look_at(&world, "good-p256");
	assert_int_equal(item->at[OBSERVE_BUNDLE].verdict, OBSERVE_BROKEN);

	assert_int_equal(unlink(bundle_path(&world, "good-p256")), 0);
	assert_int_equal(
	    symlink("/etc/passwd", bundle_path(&world, "good-p256")), 0);
	item = look_at(&world, "good-p256");
	assert_int_equal(item->at[OBSERVE_BUNDLE].verdict, OBSERVE_BROKEN);
	assert_non_null(strstr(item->at[OBSERVE_BUNDLE].why, "link"));
	assert_int_equal(unlink(bundle_path(&world, "good-p256")), 0);
	observed_free(&world.observed);
}

/* That it is not read shows by what it holds: no certificate at all. */
static void
a_bundle_that_the_record_knows_is_not_read(void **state)
{
	const struct observation *item;
	struct record record = {.installed = true};
	struct bundle bundle;
	struct world world;
	struct stat st;

	make(&world, state);
	record.lineage = lineages_ref(state, "good-p384");
	lineages_build(state, "good-p384", &bundle);
	memcpy(record.leaf_sha256, pki_cert_facts(bundle.leaf)->sha256,
	    PKI_SHA256_BYTES);
	bundle_free(&bundle);
	scratch_write(state, "bundles/good-p384.pem", "unread", 6, 0600);
	assert_int_equal(stat(bundle_path(&world, "good-p384"), &st), 0);
	fs_ident_from(&st, &record.bundle);
	assert_int_equal(
	    lineage_identify(&record.lineage, &record.source, &world.err), 0);
	save_record(&world, &record);
	item = look_at(&world, "good-p384");
	assert_int_equal(item->at[OBSERVE_BUNDLE].verdict, OBSERVE_SAME);

	/* Another file, an intent, another leaf: then it is. */
	record.bundle.ino++;
	save_record(&world, &record);
	item = look_at(&world, "good-p384");
	assert_int_equal(item->at[OBSERVE_BUNDLE].verdict, OBSERVE_BROKEN);
	record.bundle.ino--;
	record.leaf_sha256[0] ^= 1;
	save_record(&world, &record);
	item = look_at(&world, "good-p384");
	assert_int_equal(item->at[OBSERVE_BUNDLE].verdict, OBSERVE_BROKEN);
	record.leaf_sha256[0] ^= 1;
	record.intent[0] = 1;
	save_record(&world, &record);
	item = look_at(&world, "good-p384");
	assert_int_equal(item->at[OBSERVE_BUNDLE].verdict, OBSERVE_BROKEN);
	observed_free(&world.observed);
}

static void
what_is_recorded_is_told(void **state)
{
	const struct observation *item;
	struct record record = {.reload_due = true};
	struct world world;

	make(&world, state);
	record.lineage = lineages_ref(state, "good-p521");
	record.failure = (struct record_failure){.present = true,
	    .first_s = 1000,
	    .last_s = 2000,
	    .attempts = 3,
	    .code = ERR_HAPROXY};
	/* The cause stands at the end. */
	memset(record.failure.text, 'x', sizeof(record.failure.text) - 1);
	save_record(&world, &record);
	item = look_at(&world, "good-p521");
	assert_true(item->reload_due);
	assert_int_equal(item->failures, 3);
	assert_int_equal(item->failed_s, 2000);
	assert_string_equal(item->failure, record.failure.text);
	observed_free(&world.observed);
}

static void
a_record_without_its_lineage_is_gone(void **state)
{
	const struct observation *item;
	struct record record = {.installed = true};
	struct world world;

	make(&world, state);
	assert_int_equal(lineage_ref_from_name(world.config_dir, "left.example",
			     &record.lineage, &world.err),
	    0);
	save_record(&world, &record);
	put_bundle(&world, "left.example", "good-p256");
	item = look_at(&world, "left.example");
	assert_true(item->gone);
	assert_int_equal(item->at[OBSERVE_LINEAGE].verdict, OBSERVE_ABSENT);
	assert_int_equal(item->at[OBSERVE_BUNDLE].verdict, OBSERVE_OTHER);
	assert_in_range(item->name_count, 1, 100);
	assert_int_equal(unlink(bundle_path(&world, "left.example")), 0);
	observed_free(&world.observed);
}

static void
a_name_that_is_none_is_refused(void **state)
{
	static const struct {
		const char *name;
		int code;
		const char *word;
	} rows[] = {
	    {"good-p257", ERR_NOENT, "did you mean \"good-p256\"?"},
	    {"nothing.like.it.at.all", ERR_NOENT, "no such lineage"},
	    {"../../etc", ERR_USAGE, "letters"},
	};
	struct world world;

	make(&world, state);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct observe_options options = {
		    .names = &rows[i].name, .name_count = 1};

		assert_int_equal(
		    observe(&world.conf, &options, &world.observed, &world.err),
		    rows[i].code);
		assert_non_null(strstr(world.err.detail, rows[i].word));
	}
	world.conf.letsencrypt.config_dir = "/nonexistent";
	assert_int_equal(observe(&world.conf, &(struct observe_options){0},
			     &world.observed, &world.err),
	    ERR_NOENT);
	assert_non_null(strstr(world.err.detail, "config_dir"));
}

/* certbot is there and has made nothing yet. */
static void
an_empty_installation_has_no_lineage(void **state)
{
	static const struct observe_options all;
	struct world world;

	make(&world, state);
	world.conf.letsencrypt.config_dir = world.bundle_dir;
	world.conf.state_dir = scratch_path(state, "no-state");
	assert_int_equal(
	    observe(&world.conf, &all, &world.observed, &world.err), 0);
	assert_int_equal(world.observed.count, 0);
	observed_free(&world.observed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_lineage_is_seen_in_order),
	    cmocka_unit_test(a_lineage_has_its_facts),
	    cmocka_unit_test(the_bundle_is_compared_with_the_lineage),
	    cmocka_unit_test(a_bundle_that_the_record_knows_is_not_read),
	    cmocka_unit_test(what_is_recorded_is_told),
	    cmocka_unit_test(a_record_without_its_lineage_is_gone),
	    cmocka_unit_test(a_name_that_is_none_is_refused),
	    cmocka_unit_test(an_empty_installation_has_no_lineage),
	};

	return cmocka_run_group_tests(tests, lineages_setup, lineages_teardown);
}
