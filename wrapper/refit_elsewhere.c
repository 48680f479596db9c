/*
 * refit_elsewhere.c: names whose challenges go on where haproxy.cfg leads them
 * already, as somebody behind it answers: an ACL of the section has them, and
 * each rule of ours leaves them alone. A part of refit_find().
 *
 * By name, and not by whether a listener is up: HAProxy would have to ask that
 * many times a second, would come too late for the first question, and tells
 * of a backend without a server by an emergency.
 */
#include "wrapper/refit_part.h"

#include <stdio.h>
#include <string.h>

#include "wrapper/elsewhere.h"

#define RENEWED                                                                \
	"renewed by a web root, a web server, manual hooks or on a port of "   \
	"their own"

enum {
	NAMES_A_LINE = 16, /* HAProxy takes 64 words and 2048 characters */
	LINE_BYTES = 1500,
};

/* The line of the section that names `name` (NULL: any). */
static const struct refit_line *
find_line(const struct refit_section *section, const char *name)
{
	for (size_t i = 1; i < section->count; i++) {
		const struct refit_line *line = &section->lines[i];

		if (strcmp(line->words[0], "acl") != 0 ||
		    strcmp(refit_word(line, 1), REFIT_ELSEWHERE) != 0)
			continue;
		if (name == NULL)
			return line;
		for (size_t j = 2; j < line->count; j++) {
			if (strcmp(line->words[j], name) == 0)
				return line;
		}
	}
	return NULL;
}

/* In front of all that may use it. */
static unsigned
acl_line(const struct refit_section *section)
{
	static const char *const users[] = {"acl", "http-request", "redirect",
	    "use_backend", "default_backend"};

	for (size_t i = 1; i < section->count; i++) {
		for (size_t j = 0; j < COUNT_OF(users); j++) {
			if (strcmp(section->lines[i].words[0], users[j]) == 0)
				return section->lines[i].line;
		}
	}
	return refit_end_of(section);
}

static int
add_line(struct refit_work *work, const struct refit_section *section,
    size_t *at, struct err *err)
{
	const struct elsewhere *elsewhere = work->elsewhere;
	struct buf text = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	size_t end = *at + NAMES_A_LINE;
	int rc;

	rc = buf_puts(&text, REFIT_ELSEWHERE_ACL, err);
	for (; rc == 0 && *at < elsewhere->count && *at < end &&
	     text.len < LINE_BYTES;
	     ++*at)
		rc = buf_printf(&text, err, " %s", elsewhere->names[*at]);
	if (rc == 0)
		rc = refit_add(work, REFIT_OTHERS, section, acl_line(section),
		    false, buf_text(&text), err);
	buf_free(&text);
	return rc;
}

static bool
is_added(const struct refit_work *work, const struct refit_section *section)
{
	for (size_t i = 0; i < work->refit->count; i++) {
		const struct refit_edit *edit = &work->refit->edits[i];

		if (edit->item == REFIT_OTHERS &&
		    strcmp(edit->section, section->name) == 0 &&
		    strcmp(edit->file, section->file) == 0)
			return true;
	}
	return false;
}

/* The first of the names, and how many more. */
static int
put_names(const struct elsewhere *elsewhere, struct buf *ret, struct err *err)
{
	size_t some = elsewhere->count < 4 ? elsewhere->count : 4;
	int rc = 0;

	for (size_t i = 0; i < some && rc == 0; i++)
		rc = buf_printf(ret, err, "%s%.100s", i > 0 ? ", " : "",
		    elsewhere->names[i]);
	return rc < 0 || some == elsewhere->count
	    ? rc
	    : buf_printf(ret, err, " and %zu more", elsewhere->count - some);
}

static int
note(struct refit_work *work, const struct refit_section *section,
    struct err *err)
{
	struct buf names = BUF_INIT(LIMIT_ERR_ON_BYTES);
	int rc = put_names(work->elsewhere, &names, err);

	if (rc == 0 && refit_is(section, "defaults"))
		rc = refit_note(work, err,
		    "%s: " RENEWED
		    ": where their challenges came there over https, by a "
		    "redirect in %s (%s:%u), that ends: have the frontend lead "
		    "them there",
		    buf_text(&names), section->name, section->file,
		    section->lines[0].line);
	else if (rc == 0)
		rc = refit_note(work, err,
		    "%s: " RENEWED
		    ": their challenges go on where they go now (acl %s); "
		    "\"certhaul request --in-proxy --force --cert-name LINEAGE "
		    "NAME...\" moves a lineage to certhaul",
		    buf_text(&names), REFIT_ELSEWHERE);
	buf_free(&names);
	return rc;
}

/* Is the ACL in front of all that may use it? */
static bool
is_early(const struct refit_section *section)
{
	for (size_t i = 1; i < section->count; i++) {
		const struct refit_line *line = &section->lines[i];

		if (strcmp(line->words[0], "acl") == 0 &&
		    strcmp(refit_word(line, 1), REFIT_ELSEWHERE) == 0)
			return true;
		if (strcmp(line->words[0], "http-request") == 0 ||
		    strcmp(line->words[0], "redirect") == 0 ||
		    strcmp(line->words[0], "use_backend") == 0)
			return false;
	}
	return false;
}

/* Defaults take no ACL but for those with a name, and not in every HAProxy. */
int
refit_need_elsewhere(struct refit_work *work,
    const struct refit_section *section, bool *ret, struct err *err)
{
	bool any = work->elsewhere != NULL && work->elsewhere->count > 0, known;
	struct refit_way way = refit_way_of(section);
	bool led = refit_is_in_front(section, &way, &known) && known;
	size_t at = 0;
	int rc = 0;

	*ret =
	    (any || led || is_early(section)) && !refit_is(section, "defaults");
	if (is_added(work, section))
		return 0;
	any = any && find_line(section, NULL) == NULL;
	while (any && *ret && rc == 0 && at < work->elsewhere->count)
		rc = add_line(work, section, &at, err);
	if (rc == 0 && led && *ret)
		rc = refit_add_led(work, section, &way, acl_line(section), err);
	return rc < 0 || !any ? rc : note(work, section, err);
}

/* Has the section, or what holds for it, a rule that lets no challenge on? */
static bool
is_closed(const struct refit_work *work, const struct refit_section *section)
{
	const struct refit_section *at = section;

	if (refit_rejects_all(&work->text, section))
		return true;
	for (; at != NULL; at = at == section
		 ? refit_defaults_of(&work->text, section)
		 : NULL) {
		for (size_t i = 1; i < at->count; i++) {
			const struct refit_line *line = &at->lines[i];

			if (refit_is_allow(at, line))
				break;
			if (refit_stops(at, line) == REFIT_HOLD_ALL ||
			    (refit_is_redirect(line) &&
				refit_condition_of(line) >= line->count))
				return true;
		}
	}
	return false;
}

/* Where challenges go that come to `number`: its first line that may lead. */
static const struct refit_line *
led_by(const struct refit_section *section, unsigned number)
{
	for (size_t i = 1; i < section->count; i++) {
		if (section->lines[i].line >= number &&
		    refit_may_lead(section, &section->lines[i]))
			return &section->lines[i];
	}
	return refit_line_of(section, "default_backend", NULL);
}

/* Whom no renewal conf of this machine tells of. */
int
refit_note_taken(struct refit_work *work, const struct refit_section *section,
    const struct refit_way *way, unsigned number, bool named, struct err *err)
{
	const struct refit_line *line = led_by(section, number);
	char some[LIMIT_PATH_BYTES] = "";

	if (line == NULL || (work->scope & REFIT_SITE) == 0 ||
	    is_closed(work, section))
		return 0;
	if (way->some != NULL)
		(void)snprintf(some, sizeof(some),
		    way->unclear == NULL ? " but those of %s:%u"
					 : ", but for what %s:%u takes,",
		    section->file, way->some->line);
	return refit_note(work, err,
	    "%s: challenges for all %snames%s come to certhaul now, and no "
	    "more to %.100s (%s:%u) and the like. Where another machine, "
	    "another ACME client or a web root of later answers behind "
	    "HAProxy, its names go %s",
	    section->name, named ? "other " : "", some, refit_word(line, 1),
	    section->file, line->line,
	    named ? "on the line `acl " REFIT_ELSEWHERE "`"
		  : "into `" REFIT_ELSEWHERE_ACL " NAME...`, in front of our "
		    "use_backend, and `!" REFIT_ELSEWHERE "` at its end");
}

/* What is to be done for names whose challenges the redirect took along. */
static int
put_taken_back(const struct refit_section *section,
    const struct refit_line *line, const char *raw, struct buf *ret,
    struct err *err)
{
	struct buf text = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	const char *at;
	int rc;

	if (refit_is(section, "defaults"))
		return buf_puts(ret,
		    "need a rule of the frontend that leads them there", err);
	rc = refit_exempt(section, line, raw, true, &text, err);
	at = buf_text(&text);
	at += strspn(at, " \t");
	if (rc == 0)
		rc = buf_printf(ret, err,
		    "go into `" REFIT_ELSEWHERE_ACL
		    " NAME...`, in front of that line, which is to be `%s` "
		    "then",
		    at);
	buf_free(&text);
	return rc;
}

/* The CA follows a redirect: to whoever answers behind it. */
int
refit_note_kept(struct refit_work *work, const struct refit_section *section,
    const struct refit_line *line, const char *raw, bool named, struct err *err)
{
	struct buf what = BUF_INIT(LIMIT_HACFG_LINE_BYTES);
	int rc;

	if ((work->scope & REFIT_SITE) == 0 ||
	    refit_rejects_all(&work->text, section))
		return 0;
	rc = named
	    ? buf_puts(&what, "go on the line `acl " REFIT_ELSEWHERE "`", err)
	    : put_taken_back(section, line, raw, &what, err);
	if (rc == 0)
		rc = refit_note(work, err,
		    "%s: challenges for all %snames stay here now, and go no "
		    "more where %s:%u, and the like, redirected them so far. "
		    "Where another "
		    "machine, another ACME client or a web root of later "
		    "answers there, its names %s",
		    section->name, named ? "other " : "", section->file,
		    line->line, buf_text(&what));
	buf_free(&what);
	return rc;
}

int
refit_elsewhere(const struct conf *conf, const struct hacfg_bind *bind,
    const char *name, struct buf *ret, struct err *err)
{
	const struct refit_section *section;
	const struct refit_line *line = NULL;
	struct refit_text text = {NULL, 0};
	int rc;

	rc = refit_text_read(conf, &text, err);
	if (rc < 0)
		return rc;
	section = refit_section_of(&text, bind);
	if (section != NULL)
		line = find_line(section, name);
	if (line != NULL)
		rc = buf_printf(ret, err,
		    "%s:%u has challenges of this name go past certhaul, as "
		    "somebody else answered them: request it with "
		    "--in-proxy; or take the name off that line and reload "
		    "HAProxy\n",
		    section->file, line->line);
	refit_text_free(&text);
	return rc;
}
