/*
 * refit_names.c: whose challenges a use_backend takes: those of all names, or
 * of some, by their host. A part of refit_find().
 */
#include "wrapper/refit_part.h"

#include <string.h>
#include <strings.h>

/* What a term of a condition is about, for a challenge. */
enum about {
	ALWAYS, /* it holds for each */
	NEVER,
	HOST,
	UP, /* one server is, as it mostly is */
	DOWN, /* none is */
	OTHER,
};

/* The parts of a condition, one of which is to hold. */
struct parts {
	size_t at; /* the next one */
	bool unless; /* the contrary of each term is meant */
	bool each; /* each term is one */
};

/* hdr(host), req.hdr_end(host), hdr(host),lower, ... */
static bool
is_host(const char *fetch)
{
	if (strncmp(fetch, "req.", 4) == 0)
		fetch += 4;
	if (*fetch == 'f')
		fetch++;
	if (strncmp(fetch, "hdr", 3) != 0 || strncmp(fetch, "hdr_cnt", 7) == 0)
		return false;
	fetch += strcspn(fetch, "(");
	return strncasecmp(fetch, "(host", 5) == 0 &&
	    (fetch[5] == ')' || fetch[5] == ',');
}

/* nbsrv(B) ge 1, nbsrv(B) lt 1, srv_is_up(B/S) and the like. */
static enum about
about_servers(const struct refit_line *line, size_t i)
{
	static const struct {
		const char *how, *number;
		enum about about;
	} rows[] = {
	    {"ge", "1", UP},
	    {"gt", "0", UP},
	    {"lt", "1", DOWN},
	    {"le", "0", DOWN},
	    {"eq", "0", DOWN},
	};
	const char *fetch = refit_word(line, i), *how = refit_word(line, i + 1);

	if (strncmp(fetch, "srv_is_up(", strlen("srv_is_up(")) == 0)
		return *how == '\0' || strcmp(how, "}") == 0 ? UP : OTHER;
	if (strncmp(fetch, "nbsrv", strlen("nbsrv")) != 0)
		return OTHER;
	for (size_t j = 0; j < COUNT_OF(rows); j++) {
		if (strcmp(how, rows[j].how) == 0 &&
		    strcmp(refit_word(line, i + 2), rows[j].number) == 0)
			return rows[j].about;
	}
	/* A bare number is equal to it. */
	return strcmp(how, "0") == 0 ? DOWN : OTHER;
}

/* The words from `i` on, a fetch and its patterns. */
static enum about
about_fetch(const struct refit_line *line, size_t i)
{
	const char *fetch = refit_word(line, i);

	if (refit_is_other_path(line, i))
		return NEVER;
	if (is_host(fetch))
		return HOST;
	return about_servers(line, i);
}

/* The lines of one ACL are alternatives. */
static enum about
about_acl(const struct refit_section *section, const char *name)
{
	enum about found = NEVER;
	const struct refit_line *acl;

	for (size_t i = 0; (acl = refit_next_acl(section, name, &i)) != NULL;) {
		enum about one = about_fetch(acl, 2);

		if (one == NEVER)
			continue;
		if (found != NEVER && found != one)
			return OTHER;
		found = one;
	}
	/* One of HAProxy's own, or none. */
	return found == NEVER && refit_line_of(section, "acl", name) == NULL
	    ? OTHER
	    : found;
}

/* Is the contrary of what the term's words say meant? */
static bool
is_contrary(const struct refit_line *line, size_t i, bool unless)
{
	return (line->words[i][0] == '!') != unless;
}

static enum about
about(const struct refit_section *section, const struct refit_line *line,
    size_t i, bool unless)
{
	const char *word = line->words[i], *bare = word + strspn(word, "!");
	enum refit_truth truth = refit_of_request(section, line, i);
	bool contrary = is_contrary(line, i, unless);
	enum about found;

	if (unless)
		truth = refit_contrary(truth);
	if (truth != REFIT_MAYBE)
		return truth == REFIT_TRUE ? ALWAYS : NEVER;
	if (refit_has_challenge(section, line, i))
		return contrary ? NEVER : ALWAYS;
	/* Names that are left alone have a way of their own. */
	if (strcmp(bare, REFIT_ELSEWHERE) == 0)
		return contrary ? ALWAYS : HOST;
	found = strcmp(bare, "{") == 0 ? about_fetch(line, i + 1)
				       : about_acl(section, bare);
	if (found == UP || found == DOWN)
		return (found == UP) != contrary ? UP : OTHER;
	return found == NEVER && contrary ? ALWAYS : found;
}

/*
 * `unless A B` is `if !A or !B`, and `unless A or B` is `if !A !B`; false:
 * it has both, and is not followed.
 */
static bool
parts_of(const struct refit_line *line, struct parts *ret)
{
	size_t i = refit_condition_of(line), next;
	bool ors = false, ands = false;

	*ret = (struct parts){.at = i + 1};
	ret->unless = strcmp(refit_word(line, i), "unless") == 0;
	for (i++; i < line->count; i = next) {
		next = refit_term_after(line, i);
		if (refit_is_or(line->words[i]))
			ors = true;
		else if (next < line->count && !refit_is_or(line->words[next]))
			ands = true;
	}
	ret->each = ret->unless && !ors;
	return !ret->unless || !ors || !ands;
}

/* The next part: its terms are from `*ret_from` to `*ret_end`. */
static bool
next_part(const struct refit_line *line, struct parts *parts, size_t *ret_from,
    size_t *ret_end)
{
	size_t i = parts->at;

	if (i >= line->count)
		return false;
	*ret_from = i;
	for (; i < line->count; i = refit_term_after(line, i)) {
		if (parts->each ? i > *ret_from
				: !parts->unless && refit_is_or(line->words[i]))
			break;
	}
	*ret_end = i < line->count ? i : line->count;
	parts->at = *ret_end + !parts->each;
	return true;
}

/*
 * The terms of one part that are not about all challenges: how many, whether
 * there are names among them, and the last.
 */
struct rest {
	enum refit_whose whose;
	size_t count, last;
};

static struct rest
rest_of(const struct refit_section *section, const struct refit_line *line,
    size_t from, size_t end, bool unless)
{
	struct rest rest = {.whose = REFIT_WHOSE_ALL};
	bool names = false, servers = false, other = false, never = false;

	for (size_t i = from; i < end; i = refit_term_after(line, i)) {
		enum about one = refit_is_or(line->words[i])
		    ? ALWAYS
		    : about(section, line, i, unless);

		if (one == ALWAYS)
			continue;
		never |= one == NEVER;
		names |= one == HOST;
		servers |= one == UP;
		other |= one == OTHER;
		rest.count++;
		rest.last = i;
	}
	if (never)
		rest.whose = REFIT_WHOSE_NONE;
	else if (names)
		rest.whose = REFIT_WHOSE_NAMES;
	else if (other)
		rest.whose = REFIT_WHOSE_UNCLEAR;
	else if (servers)
		rest.whose = REFIT_WHOSE_UP;
	return rest;
}

enum refit_whose
refit_whose(const struct refit_section *section, const struct refit_line *line)
{
	enum refit_whose most = REFIT_WHOSE_NONE;
	struct parts parts;
	size_t from, end;

	if (refit_condition_of(line) >= line->count)
		return REFIT_WHOSE_ALL;
	if (!parts_of(line, &parts))
		return REFIT_WHOSE_UNCLEAR;
	while (next_part(line, &parts, &from, &end)) {
		struct rest rest =
		    rest_of(section, line, from, end, parts.unless);

		if (rest.whose > most)
			most = rest.whose;
	}
	return most;
}

/* Are the terms the contrary of each other, word by word? */
static bool
are_contrary(const struct refit_line *a, size_t i, bool a_unless,
    const struct refit_line *b, size_t j, bool b_unless)
{
	size_t a_end = refit_end_of_term(a, i), b_end = refit_end_of_term(b, j);
	const char *one = a->words[i], *two = b->words[j];

	if (is_contrary(a, i, a_unless) == is_contrary(b, j, b_unless) ||
	    strcmp(one + strspn(one, "!"), two + strspn(two, "!")) != 0 ||
	    a_end - i != b_end - j)
		return false;
	while (++i < a_end) {
		if (strcmp(a->words[i], b->words[++j]) != 0)
			return false;
	}
	return true;
}

/* Has `other` a part of one term alone, the contrary of that at word `i`? */
static bool
has_contrary(const struct refit_section *section, const struct refit_line *line,
    size_t i, bool unless, const struct refit_line *other)
{
	struct parts parts;
	size_t from, end;

	if (!parts_of(other, &parts))
		return false;
	while (next_part(other, &parts, &from, &end)) {
		struct rest rest =
		    rest_of(section, other, from, end, parts.unless);

		if (rest.whose != REFIT_WHOSE_NONE && rest.count == 1 &&
		    are_contrary(
			line, i, unless, other, rest.last, parts.unless))
			return true;
	}
	return false;
}

bool
refit_completes(const struct refit_section *section,
    const struct refit_line *line, const struct refit_line *before)
{
	struct parts parts;
	size_t from, end;

	if (!parts_of(line, &parts))
		return false;
	while (next_part(line, &parts, &from, &end)) {
		struct rest rest =
		    rest_of(section, line, from, end, parts.unless);

		if (rest.whose != REFIT_WHOSE_NONE && rest.count == 1 &&
		    has_contrary(
			section, line, rest.last, parts.unless, before))
			return true;
	}
	return false;
}

/* The first term of the part that says of which names it is; `end`: none. */
static size_t
name_term(const struct refit_section *section, const struct refit_line *line,
    size_t from, size_t end, bool unless)
{
	for (size_t i = from; i < end; i = refit_term_after(line, i)) {
		if (!refit_is_or(line->words[i]) &&
		    !is_contrary(line, i, unless) &&
		    about(section, line, i, unless) == HOST)
			return i;
	}
	return end;
}

bool
refit_names_of(const struct refit_section *section,
    const struct refit_line *line, struct refit_names *ret)
{
	struct parts parts;
	size_t from, end, i;

	ret->count = 0;
	if (!parts_of(line, &parts))
		return false;
	while (next_part(line, &parts, &from, &end)) {
		if (rest_of(section, line, from, end, parts.unless).whose ==
		    REFIT_WHOSE_NONE)
			continue;
		i = name_term(section, line, from, end, parts.unless);
		if (i == end || ret->count == COUNT_OF(ret->terms))
			return false;
		ret->terms[ret->count++] = i;
	}
	return true;
}

bool
refit_is_of_names(const struct refit_line *acl)
{
	return about_fetch(acl, 2) == HOST;
}
