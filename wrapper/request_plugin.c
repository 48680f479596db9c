/*
 * request_plugin.c: a plugin that is asked for and is not there. certbot says
 * "unrecognized arguments" of it, or that it "does not appear to be installed",
 * and neither how it is called where it is to be had.
 */
#include "wrapper/request.h"

#include <stdio.h>
#include <string.h>

#include "wrapper/plugins.h"

enum { PLUGIN_BYTES = 64 };

/* The one that word `i` names, as far as `*ret_len`; NULL: none. */
static const char *
plugin_at(const struct request *request, size_t i, size_t *ret_len)
{
	static const char *const options[] = {
	    "-a", "--authenticator", "--configurator"};
	const char *word = request->call->rest[i], *plugin = NULL;

	for (size_t j = 0; plugin == NULL && j < COUNT_OF(options); j++)
		plugin = request_rest_at(request, i, options[j]);
	if (plugin != NULL)
		*ret_len = strlen(plugin);
	/* --dns-NAME, and --dns-NAME-credentials */
	if (plugin == NULL && strncmp(word, "--dns-", 6) == 0) {
		plugin = word + 2;
		*ret_len = 4 + strcspn(plugin + 4, "-=");
	}
	if (plugin == NULL &&
	    (strcmp(word, "--nginx") == 0 || strcmp(word, "--apache") == 0)) {
		plugin = word + 2;
		*ret_len = strlen(plugin);
	}
	return plugin;
}

static bool
find_plugin(const struct request *request, char *ret)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";

	for (size_t i = 0; i < request->call->rest_count; i++) {
		size_t len = 0;
		const char *plugin = plugin_at(request, i, &len);

		if (plugin == NULL || len == 0 || len >= PLUGIN_BYTES)
			continue;
		(void)snprintf(ret, PLUGIN_BYTES, "%.*s", (int)len, plugin);
		if (ret[strspn(ret, letters)] == '\0' &&
		    !plugins_is_common(ret))
			return true;
	}
	return false;
}

/* By where the engine is: it does not see what is installed elsewhere. */
static const char *
install_words(const struct request *request)
{
	const struct engine *engine = &request->engine;

	if (engine->kind == CONF_ENGINE_BUILTIN)
		return "install certbot with it: apt-get install "
		       "python3-certbot-";
	if (engine_is_snap(engine))
		return "snap install certbot-";
	if (engine_is_below(engine, "/opt/") ||
	    engine_is_below(engine, "/usr/local/"))
		return "with the pip that installed it: pip install certbot-";
	return "apt-get install python3-certbot-";
}

int
request_plugin(const struct request *request, struct err *err)
{
	bool builtin = request->engine.kind == CONF_ENGINE_BUILTIN;
	struct proc_result told = {.exit_status = -1};
	struct err ignored = ERR_INIT;
	char plugin[PLUGIN_BYTES];
	bool missing;

	if (!find_plugin(request, plugin))
		return 0;
	missing = builtin ||
	    (plugins_ask(&request->engine, request->conf, &told, &ignored) ==
		    0 &&
		!plugins_has(buf_text(&told.output), plugin));
	proc_result_free(&told);
	if (!missing)
		return 0;
	return err_set(err, ERR_CHILD, REQUEST_DOING, request->list[0],
	    "%.400s has no plugin %s%s: %s%s", request->engine.path, plugin,
	    builtin ? " nor any of certbot's"
		    : " (`certbot plugins` lists those that it has)",
	    install_words(request), plugin);
}
