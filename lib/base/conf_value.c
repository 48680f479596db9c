/*
 * conf_value.c: the check of one value at the boundary, and its storing. Both
 * the file's values and the table's own defaults come through here.
 */
#include "base/conf_value.h"

#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

/* What a value of a wrong type should have been. */
static const char *const wanted[] = {
    [CONF_BOOL] = "true or false",
    [CONF_INT] = "a whole number",
    [CONF_STRING] = "a string in quotes",
    [CONF_PATH] = "an absolute path in quotes",
    [CONF_MODE] = "an octal mode in quotes, like \"0600\"",
    [CONF_ENUM] = "a word in quotes",
    [CONF_LIST] = "a list of strings, like [ \"a\", \"b\" ]",
    [CONF_PATHS] = "a list of absolute paths, like [ \"/a\", \"/b\" ]",
};
_Static_assert(COUNT_OF(wanted) == CONF_PATHS + 1, "a type is missing");

int
conf_value_err(const config_setting_t *setting, const char *file,
    const char *key, struct err *err, const char *fmt, ...)
{
	char on[LIMIT_ERR_ON_BYTES], detail[LIMIT_ERR_DETAIL_BYTES];
	va_list args;

	/* What is too long is cut: err_set() would do so, too. */
	(void)snprintf(on, sizeof(on), "%s:%u", file,
	    (unsigned)config_setting_source_line(setting));
	va_start(args, fmt);
	if (vsnprintf(detail, sizeof(detail), fmt, args) < 0)
		detail[0] = '\0';
	va_end(args);
	return err_set(err, ERR_CONF, CONF_DOING, on, "%s: %s", key, detail);
}

static void *
place_of(struct conf *conf, const struct conf_option *row)
{
	return (char *)conf + row->offset;
}

/* The strings in struct conf are const for all but us. */
static void
free_text(const char **text)
{
	char *owned = NULL;

	memcpy(&owned, text, sizeof(owned));
	free(owned);
	*text = NULL;
}

static void
free_list(struct conf_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free_text(&list->items[i]);
	free(list->items);
	list->items = NULL;
	list->count = 0;
}

void
conf_value_free(struct conf *conf, const struct conf_option *row)
{
	switch (row->type) {
	case CONF_STRING:
	case CONF_PATH:
	case CONF_MODE: free_text(place_of(conf, row)); break;
	case CONF_LIST:
	case CONF_PATHS: free_list(place_of(conf, row)); break;
	case CONF_BOOL:
	case CONF_INT:
	case CONF_ENUM: break;
	}
}

void
conf_environment_free(struct conf_environment *environment)
{
	if (environment == NULL)
		return;
	for (char **at = environment->variables; at != NULL && *at != NULL;
	     at++)
		free(*at);
	free(environment->variables);
	free(environment);
}

/* NULL where `text` is fit for an option of `type`, else what is wrong. */
static const char *
text_fault(const char *text, enum conf_type type)
{
	char *clean = NULL;
	bool same;

	clean = strdup(text);
	if (clean == NULL)
		return "out of memory";
	text_clean(clean);
	same = strcmp(clean, text) == 0;
	free(clean);
	if (!same)
		return "it holds control characters, ends with white space, "
		       "or is not UTF-8";
	if ((type == CONF_PATH || type == CONF_PATHS) && text[0] != '/' &&
	    text[0] != '\0')
		return "the path must be absolute: begin with /";
	if (type == CONF_MODE &&
	    (strspn(text, "01234567") != strlen(text) || strlen(text) < 3))
		return "the mode must be 3 or 4 octal digits";
	if (type == CONF_MODE && text[strlen(text) - 1] != '0')
		return "others could read or write the key: the last digit "
		       "must be 0";
	if (type == CONF_MODE && strlen(text) == 4 && text[0] != '0')
		return "the first of 4 digits must be 0";
	return NULL;
}

/* One spelling a path: "/a/" is "/a", so that names can be compared. */
static void
trim_slashes(char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
}

/* Returns an owned copy of the setting's text, NULL with `err` filled. */
static char *
take_text(const struct conf_option *row, const config_setting_t *setting,
    size_t least, size_t most, const char *file, struct err *err)
{
	const char *text = config_setting_get_string(setting);
	const char *fault = NULL;
	size_t len = strnlen(text, most + 1);
	char *ret = NULL;

	if (len < least || len > most) {
		(void)conf_value_err(setting, file, row->name, err,
		    len < least && len == 0 ? "it must not be empty"
					    : "it must have %zu to %zu bytes",
		    least, most);
		return NULL;
	}
	fault = text_fault(text, row->type);
	if (fault != NULL) {
		(void)conf_value_err(
		    setting, file, row->name, err, "%s: %s", text, fault);
		return NULL;
	}
	ret = strdup(text);
	if (ret == NULL)
		(void)err_nomem(err, CONF_DOING);
	else if (row->type == CONF_PATH || row->type == CONF_PATHS)
		trim_slashes(ret);
	return ret;
}

static int
set_text(struct conf *conf, const struct conf_option *row,
    const config_setting_t *setting, const char *file, struct err *err)
{
	const char **place = place_of(conf, row);
	char *text = NULL;

	text = take_text(
	    row, setting, (size_t)row->least, (size_t)row->most, file, err);
	if (text == NULL)
		return err->code;
	free_text(place);
	*place = text;
	return 0;
}

static int
set_list(struct conf *conf, const struct conf_option *row,
    const config_setting_t *setting, const char *file, struct err *err)
{
	const config_setting_t *element = NULL;
	struct conf_list list = {NULL, 0}, *place = place_of(conf, row);
	long length = config_setting_length(setting);
	int rc = 0;

	if (length < row->least || length > row->most)
		return conf_value_err(setting, file, row->name, err,
		    "it has %ld elements, %ld to %ld are allowed", length,
		    row->least, row->most);
	list.items = calloc((size_t)length + 1, sizeof(*list.items));
	if (list.items == NULL)
		return err_nomem(err, CONF_DOING);
	for (long i = 0; i < length; i++) {
		element = config_setting_get_elem(setting, (unsigned)i);
		if (config_setting_type(element) != CONFIG_TYPE_STRING) {
			rc = conf_value_err(element, file, row->name, err,
			    "it must be %s", wanted[row->type]);
			goto out;
		}
		list.items[i] = take_text(
		    row, element, 1, LIMIT_CONF_STRING_BYTES, file, err);
		if (list.items[i] == NULL) {
			rc = err->code;
			goto out;
		}
		list.count++;
	}
	free_list(place);
	*place = list;
	list = (struct conf_list){NULL, 0};
out:
	free_list(&list);
	return rc;
}

static int
set_int(struct conf *conf, const struct conf_option *row,
    const config_setting_t *setting, const char *file, struct err *err)
{
	long *place = place_of(conf, row);
	long long value;

	value = config_setting_type(setting) == CONFIG_TYPE_INT
	    ? config_setting_get_int(setting)
	    : config_setting_get_int64(setting);
	if (value < row->least || value > row->most)
		return conf_value_err(setting, file, row->name, err,
		    "%lld is out of bounds: %ld to %ld%s%s", value, row->least,
		    row->most, row->unit[0] != '\0' ? " " : "", row->unit);
	*place = (long)value;
	return 0;
}

static int
set_enum(struct conf *conf, const struct conf_option *row,
    const config_setting_t *setting, const char *file, struct err *err)
{
	const char *text = config_setting_get_string(setting);
	const char *value = row->values;
	int *place = place_of(conf, row), number = 0;
	size_t len;

	for (;;) {
		len = strcspn(value, "|");
		if (strlen(text) == len && strncmp(text, value, len) == 0) {
			*place = number;
			return 0;
		}
		if (value[len] == '\0')
			break;
		value += len + 1;
		number++;
	}
	return conf_value_err(setting, file, row->name, err,
	    "\"%s\" is none of %s", text, row->values);
}

static bool
type_fits(enum conf_type type, int given)
{
	switch (type) {
	case CONF_BOOL: return given == CONFIG_TYPE_BOOL;
	case CONF_INT:
		return given == CONFIG_TYPE_INT || given == CONFIG_TYPE_INT64;
	case CONF_STRING:
	case CONF_PATH:
	case CONF_MODE:
	case CONF_ENUM: return given == CONFIG_TYPE_STRING;
	case CONF_LIST:
	case CONF_PATHS:
		return given == CONFIG_TYPE_ARRAY || given == CONFIG_TYPE_LIST;
	}
	return false;
}

int
conf_value_set(struct conf *conf, const struct conf_option *row,
    const config_setting_t *setting, const char *file, struct err *err)
{
	bool *place = NULL;

	if (!type_fits(row->type, config_setting_type(setting)))
		return conf_value_err(setting, file, row->name, err,
		    "it must be %s", wanted[row->type]);
	switch (row->type) {
	case CONF_BOOL:
		place = place_of(conf, row);
		*place = config_setting_get_bool(setting) != 0;
		return 0;
	case CONF_INT: return set_int(conf, row, setting, file, err);
	case CONF_STRING:
	case CONF_PATH:
	case CONF_MODE: return set_text(conf, row, setting, file, err);
	case CONF_ENUM: return set_enum(conf, row, setting, file, err);
	case CONF_LIST:
	case CONF_PATHS: return set_list(conf, row, setting, file, err);
	}
	return err_set(err, ERR_CONF, CONF_DOING, file, "no such type");
}
