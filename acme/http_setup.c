/*
 * http_setup.c: how curl is to speak (TLS, certificates, no redirect), and
 * what its errors mean to us.
 */
#include "acme/http_private.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

static const char doing[] = "asking the CA";

enum {
	UPLOAD_BYTES = 16 * 1024, /* curl's least; its default is 64 KiB */
};

static CURLcode
set_protocols(CURL *easy, bool allow_plain)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	return curl_easy_setopt(
	    easy, CURLOPT_PROTOCOLS_STR, allow_plain ? "http,https" : "https");
#else
	return curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
	    (long)CURLPROTO_HTTPS | (allow_plain ? (long)CURLPROTO_HTTP : 0L));
#endif
}

static CURLcode
set_ca_text(CURL *easy, const struct buf *text)
{
	CURLcode rc = CURLE_NOT_BUILT_IN;
#if LIBCURL_VERSION_NUM >= 0x074d00
	struct curl_blob blob = {
	    .data = text->data, .len = text->len, .flags = CURL_BLOB_NOCOPY};

	rc = curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
	HTTP_SET(rc, easy, CURLOPT_CAINFO, NULL);
	HTTP_SET(rc, easy, CURLOPT_CAPATH, NULL);
#else
	(void)easy;
	(void)text;
#endif
	return rc;
}

/*
 * Where the system's certificates are a hashed directory, one is read in place
 * of 140: the file with all of them comes only where that did not do.
 */
static CURLcode
set_ca(CURL *easy, const struct http_policy *policy, bool *ret_system_dir)
{
	const char *path = policy->ca_file;
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	CURLcode rc = CURLE_OK;
	struct stat st;

	*ret_system_dir = false;
	if (path == NULL || path[0] == '\0') {
		*ret_system_dir = info->age >= CURLVERSION_SEVENTH &&
		    info->capath != NULL && info->cainfo != NULL &&
		    stat(info->capath, &st) == 0;
		if (*ret_system_dir)
			HTTP_SET(rc, easy, CURLOPT_CAINFO, NULL);
	} else if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		HTTP_SET(rc, easy, CURLOPT_CAPATH, path);
		HTTP_SET(rc, easy, CURLOPT_CAINFO, NULL);
	} else if (policy->ca_text != NULL && policy->ca_text->len > 0) {
		rc = set_ca_text(easy, policy->ca_text);
	} else {
		HTTP_SET(rc, easy, CURLOPT_CAINFO, path);
		HTTP_SET(rc, easy, CURLOPT_CAPATH, NULL);
	}
	return rc;
}

int
http_setup(void *easy, const struct http_policy *policy, bool *ret_system_dir)
{
	CURLcode rc = set_protocols(easy, policy->allow_plain);

	HTTP_SET(rc, easy, CURLOPT_NOSIGNAL, 1L);
	HTTP_SET(rc, easy, CURLOPT_FOLLOWLOCATION, 0L);
	HTTP_SET(rc, easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	HTTP_SET(rc, easy, CURLOPT_USERAGENT, policy->user_agent);
	HTTP_SET(rc, easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	HTTP_SET(
	    rc, easy, CURLOPT_SSL_VERIFYPEER, policy->verify_ssl ? 1L : 0L);
	HTTP_SET(
	    rc, easy, CURLOPT_SSL_VERIFYHOST, policy->verify_ssl ? 2L : 0L);
	HTTP_SET(rc, easy, CURLOPT_TIMEOUT_MS, policy->timeout_ms);
	HTTP_SET(rc, easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BYTES);
	HTTP_SET(rc, easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	return rc == CURLE_OK ? set_ca(easy, policy, ret_system_dir) : rc;
}

bool
http_is_here(const struct sockaddr *address)
{
	const struct sockaddr_in *in = (const void *)address;
	const struct sockaddr_in6 *in6 = (const void *)address;

	if (address->sa_family == AF_INET)
		return ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return address->sa_family == AF_INET6 &&
	    IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

/* CURLOPT_OPENSOCKETFUNCTION */
static curl_socket_t
open_here(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)context;
	(void)purpose;
	return http_is_here(&address->addr)
	    ? socket(address->family, address->socktype | SOCK_CLOEXEC,
		  address->protocol)
	    : CURL_SOCKET_BAD;
}

int
http_keep_here(void *easy, bool plain)
{
	CURLcode rc = CURLE_OK;

	HTTP_SET(rc, easy, CURLOPT_PROXY, plain ? "" : NULL);
	HTTP_SET(rc, easy, CURLOPT_OPENSOCKETFUNCTION,
	    plain ? open_here : (curl_opensocket_callback)NULL);
	return rc;
}

/* What is not here is a connection that could not be had or kept. */
static const struct {
	CURLcode code;
	int ours;
	const char *advice;
} errors[] = {
    {CURLE_OPERATION_TIMEDOUT, ERR_TIMEOUT, ""},
    {CURLE_OUT_OF_MEMORY, ERR_NOMEM, ""},
    {CURLE_UNSUPPORTED_PROTOCOL, ERR_SYNTAX, ""},
    {CURLE_URL_MALFORMAT, ERR_USAGE, ""},
    {CURLE_WEIRD_SERVER_REPLY, ERR_SYNTAX, ""},
    {CURLE_PEER_FAILED_VERIFICATION, ERR_DOWN,
	"; its certificate is not trusted here: for a CA of your own, name its "
	"root in REQUESTS_CA_BUNDLE"},
    {CURLE_SSL_CACERT_BADFILE, ERR_DOWN,
	"; see REQUESTS_CA_BUNDLE and SSL_CERT_FILE"},
    {CURLE_COULDNT_RESOLVE_HOST, ERR_DOWN,
	"; does this machine resolve names?"},
};

int
http_error(int code, const char *words, const char *url, struct err *err)
{
	int ours = ERR_DOWN;
	const char *advice = "";

	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		if ((int)errors[i].code == code) {
			ours = errors[i].ours;
			advice = errors[i].advice;
		}
	}
	return err_set(err, ours, doing, url, "%s%s",
	    words[0] != '\0' ? words : curl_easy_strerror((CURLcode)code),
	    advice);
}

bool
http_is_cut(int code)
{
	static const CURLcode cuts[] = {CURLE_RECV_ERROR, CURLE_SEND_ERROR,
	    CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2_STREAM};

	for (size_t i = 0; i < COUNT_OF(cuts); i++) {
		if ((int)cuts[i] == code)
			return true;
	}
	return false;
}
