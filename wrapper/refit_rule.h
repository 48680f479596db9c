/*
 * refit_rule.h: what a line of a section means for the challenge, by its words
 * alone. For refit_part.h, which has the structs; nobody else includes it.
 */
#ifndef WRAPPER_REFIT_RULE_H
#define WRAPPER_REFIT_RULE_H

#include <stdbool.h>
#include <stddef.h>

struct refit_line;
struct refit_section;

/*
 * Is the word a path, or a pattern of one, that it has? Or an ACL of the
 * section with one?
 */
bool refit_is_path(const char *word);
bool refit_is_challenge(const struct refit_section *section, const char *word);

bool refit_is_redirect(const struct refit_line *line);

/* Does a rule that begins with these words let none behind it be asked? */
bool refit_is_decision(const char *keyword, const char *action);

/* Could the rule, where its condition holds, decide on a challenge? */
bool refit_may_decide(
    const struct refit_section *section, const struct refit_line *line);

/* ... so that nothing comes back? */
bool refit_may_hang(
    const struct refit_section *section, const struct refit_line *line);

/* Could it change the path, so that no rule knows the challenge any more? */
bool refit_may_change(
    const struct refit_section *section, const struct refit_line *line);

/* Is it there to answer challenges (REFIT_ANSWERS)? */
bool refit_answers(
    const struct refit_section *section, const struct refit_line *line);

/* Does it answer out of `map` ("": none does)? */
bool refit_is_map_rule(const struct refit_line *line, const char *map);

/*
 * `http-request allow` for challenges of whatever name: no rule behind it is
 * asked. Or is it for those of some names?
 */
bool refit_is_allow(
    const struct refit_section *section, const struct refit_line *line);
bool refit_may_allow(
    const struct refit_section *section, const struct refit_line *line);

/*
 * Has the line an `if` with the challenge in it, and not its contrary? Or an
 * `unless` with that?
 */
bool refit_is_for_challenge(
    const struct refit_section *section, const struct refit_line *line);

/* Is a part of its condition about challenges, of any name, and no more? */
bool refit_has_plain_part(
    const struct refit_section *section, const struct refit_line *line);

/* Does its condition leave all challenges alone? */
bool refit_spares(
    const struct refit_section *section, const struct refit_line *line);

/*
 * Does it, be it an `if` or an `unless`, speak of other paths, in one part? Is
 * the line, by its `if`, for those alone? (refit_lead.c)
 */
bool refit_is_on_other_path(
    const struct refit_section *section, const struct refit_line *line);
bool refit_is_for_others(
    const struct refit_section *section, const struct refit_line *line);

/* Are the words from `i` on paths, up to `}`, none of them the challenge's? */
bool refit_is_other_path(const struct refit_line *line, size_t i);

/*
 * Whose challenges the line's condition is for, as far as its words tell; in
 * this order where its parts differ. (refit_names.c)
 */
enum refit_whose {
	REFIT_WHOSE_NONE,
	REFIT_WHOSE_NAMES, /* those of some names */
	REFIT_WHOSE_UNCLEAR, /* some, by something else */
	REFIT_WHOSE_UP, /* all, while servers are up, or the like */
	REFIT_WHOSE_ALL,
};
enum refit_whose refit_whose(
    const struct refit_section *section, const struct refit_line *line);

/* Does it, in a part, take just what `before` does not take in one of its? */
bool refit_completes(const struct refit_section *section,
    const struct refit_line *line, const struct refit_line *before);

/*
 * For each part of the condition that may hold for a challenge the word where
 * a term begins that says of which names. False: one has none that an ACL can
 * be made from.
 */
struct refit_names {
	size_t terms[32]; /* HAProxy takes 64 words */
	size_t count;
};
bool refit_names_of(const struct refit_section *section,
    const struct refit_line *line, struct refit_names *ret);

/* Is the line of an ACL about names? */
bool refit_is_of_names(const struct refit_line *acl);

/*
 * The terms of a condition, `A`, `!A`, `{ ... }`, `!{ ... }` or an `or`: where
 * the one behind that at word `i` begins, at least the line's count: nowhere.
 */
size_t refit_term_after(const struct refit_line *line, size_t i);
bool refit_is_or(const char *word);
bool refit_has_challenge(const struct refit_section *section,
    const struct refit_line *line, size_t i);

/* Where the `}` of the term at word `i` is, or would be. */
size_t refit_end_of_term(const struct refit_line *line, size_t i);

/* The line of the section's ACL `name` behind `*i`, which it is then; NULL. */
const struct refit_line *refit_next_acl(
    const struct refit_section *section, const char *name, size_t *i);

/* Does a term hold for each challenge, or for none? */
enum refit_truth { REFIT_MAYBE, REFIT_TRUE, REFIT_FALSE };
enum refit_truth refit_contrary(enum refit_truth truth);

/*
 * The term at word `i`, as far as it is about what each challenge is but for
 * its path. (refit_request.c)
 */
enum refit_truth refit_of_request(const struct refit_section *section,
    const struct refit_line *line, size_t i);

/* For how many challenges a rule's condition holds (refit_holds.c). */
enum refit_hold {
	REFIT_HOLD_UNKNOWN, /* it is about something else */
	REFIT_HOLD_MOST, /* all but some, among which the CA is hardly */
	REFIT_HOLD_ALL,
};
enum refit_hold refit_holds(
    const struct refit_section *section, const struct refit_line *line);

/* Does the path of a challenge match? `fold`: in either case. */
bool refit_matches(const char *regex, bool fold);

/*
 * For how many challenges the rule decides, or changes the path, in front of
 * the way to a listener; no redirect does.
 */
enum refit_hold refit_stops(
    const struct refit_section *section, const struct refit_line *line);

/* Where `if` or `unless` stands in the line; at least its count: nowhere. */
size_t refit_condition_of(const struct refit_line *line);

#endif
