/*
 * identity: who a client is, in a folder, and how it becomes that.
 *
 * A token works once. So everything that can fail on this side is tried
 * before the server is asked, and what it answers is written in an order that
 * leaves either a whole identity or none.
 */
#include "proto/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/crypto.h"
#include "common/base/limits.h"
#include "proto/file.h"
#include "proto/link.h"
#include "proto/token.h"

#define KEY_FILE "key.pem"
#define CERTIFICATE_FILE "certificate.pem"
#define AUTHORITY_FILE "authority.pem"
#define SERVER_FILE "server"

/* Together the 15 s that the header promises. */
#define DIAL_MS 10000u
#define ANSWER_MS 5000u

/* --- addresses ------------------------------------------------------------ */

#define HOST_SIZE_MAX 255u
#define PORT_MAX 65535u

static bool port_is_good(const char *port)
{
	unsigned long number = 0;
	size_t size = strlen(port);

	if (size == 0 || size > 5)
		return false;
	for (size_t i = 0; i < size; i++) {
		if (port[i] < '0' || port[i] > '9')
			return false;
		number = number * 10 + (unsigned long)(port[i] - '0');
	}
	return number <= PORT_MAX;
}

/* Where the host begins and ends, and the port begins; false where this is
 * neither "host:port" nor "[v6]:port". */
static bool address_parts(
    const char *address, struct bytes *ret_host, const char **ret_port)
{
	const char *colon = strrchr(address, ':');
	size_t size;

	if (colon == NULL)
		return false;
	size = (size_t)(colon - address);
	if (address[0] == '[') {
		if (size < 2 || address[size - 1] != ']')
			return false;
		address = &address[1];
		size -= 2;
	} else if (memchr(address, ':', size) != NULL) {
		return false;
	}
	*ret_host = bytes_of(address, size);
	*ret_port = &colon[1];
	return true;
}

static bool host_is_good(struct bytes host)
{
	for (size_t i = 0; i < host.size; i++) {
		if (host.data[i] <= ' ' || host.data[i] >= 0x7f ||
		    host.data[i] == '[' || host.data[i] == ']')
			return false;
	}
	return host.size > 0 && host.size <= HOST_SIZE_MAX;
}

enum result address_split(const char *address, char ret_host[256],
    char ret_port[6], struct error *err)
{
	struct bytes host;
	const char *port;

	if (strlen(address) > ADDRESS_SIZE_MAX ||
	    !address_parts(address, &host, &port) || !host_is_good(host) ||
	    !port_is_good(port))
		return error_set(err, RESULT_INVALID,
		    "an address is HOST:PORT or [IPv6]:PORT, say "
		    "127.0.0.1:7171");
	memcpy(ret_host, host.data, host.size);
	ret_host[host.size] = '\0';
	memcpy(ret_port, port, strlen(port) + 1);
	return RESULT_OK;
}

/* --- what a folder holds -------------------------------------------------- */

/* The paths of the files of a folder. */
struct place {
	char key[FILE_PATH_SIZE_MAX];
	char certificate[FILE_PATH_SIZE_MAX];
	char authority[FILE_PATH_SIZE_MAX];
	char server[FILE_PATH_SIZE_MAX];
};

static enum result place_of(
    const char *folder, struct place *ret_place, struct error *err)
{
	enum result result = file_path(folder, KEY_FILE, ret_place->key, err);

	if (result == RESULT_OK)
		result = file_path(
		    folder, CERTIFICATE_FILE, ret_place->certificate, err);
	if (result == RESULT_OK)
		result = file_path(
		    folder, AUTHORITY_FILE, ret_place->authority, err);
	if (result == RESULT_OK)
		result = file_path(folder, SERVER_FILE, ret_place->server, err);
	return result;
}

/* The one line of the file `server`. */
static enum result server_read(
    const char *path, char ret_address[ADDRESS_SIZE_MAX + 1], struct error *err)
{
	char host[256], port[6];
	char address[ADDRESS_SIZE_MAX + 1];
	struct buffer text = {0};
	enum result result = file_read(path, &text, err);
	size_t size = text.size;

	if (result != RESULT_OK) {
		buffer_finish(&text);
		return result;
	}
	if (size > 0 && text.data[size - 1] == '\n')
		size--;
	if (size > ADDRESS_SIZE_MAX ||
	    (size > 0 && memchr(text.data, '\0', size) != NULL)) {
		buffer_finish(&text);
		return error_set(err, RESULT_INVALID, "%s: no address", path);
	}
	if (size > 0)
		memcpy(address, text.data, size);
	address[size] = '\0';
	buffer_finish(&text);
	result = address_split(address, host, port, err);
	if (result != RESULT_OK) {
		(void)error_prefix(err, "%s", path);
		return result;
	}
	memcpy(ret_address, address, size + 1);
	return RESULT_OK;
}

static enum result context_load(
    const struct place *place, struct identity *identity, struct error *err)
{
	struct buffer certificate = {0}, authority = {0};
	struct key *key = NULL;
	enum result result =
	    certificate_load(place->certificate, &certificate, err);

	if (result == RESULT_OK)
		result = certificate_load(place->authority, &authority, err);
	if (result == RESULT_OK)
		result = key_load(place->key, &key, err);
	if (result == RESULT_OK)
		result = certificate_peer(
		    buffer_view(&certificate), &identity->self, err);
	if (result == RESULT_OK)
		result = channel_context_client(key, buffer_view(&certificate),
		    buffer_view(&authority), &identity->context, err);
	key_destroy(key);
	buffer_finish(&authority);
	buffer_finish(&certificate);
	return result;
}

enum result identity_load(
    const char *folder, struct identity *ret_identity, struct error *err)
{
	struct identity identity = {0};
	struct place place;
	enum result result = place_of(folder, &place, err);

	if (result != RESULT_OK)
		return result;
	if (!file_exists(place.certificate))
		return error_set(err, RESULT_NOT_FOUND,
		    "%s holds no identity; enrol it with a token first",
		    folder);
	result = server_read(place.server, identity.address, err);
	if (result == RESULT_OK)
		result = context_load(&place, &identity, err);
	/* With a certificate there, nothing else may be missing. */
	if (result == RESULT_NOT_FOUND && err != NULL)
		err->result = RESULT_CORRUPT;
	if (result != RESULT_OK) {
		(void)error_prefix(err, "the identity in %s", folder);
		return result == RESULT_NOT_FOUND ? RESULT_CORRUPT : result;
	}
	*ret_identity = identity;
	return RESULT_OK;
}

void identity_finish(struct identity *identity)
{
	channel_context_destroy(identity->context);
	identity->context = NULL;
}

/* --- enrolling ------------------------------------------------------------ */

/* What an enrolment gathers before it is written. */
struct enrolment {
	struct token token;
	struct key *key;
	struct buffer csr;
	tally_EnrolTerminalReply answer;
};

/* Make the folder, and see that it can be written into. */
static enum result folder_prepare(
    const char *folder, bool *ret_made, struct error *err)
{
	*ret_made = mkdir(folder, 0700) == 0;
	if (!*ret_made && errno != EEXIST)
		return error_errno(
		    err, RESULT_IO, errno, "cannot make %s", folder);
	if (access(folder, W_OK | X_OK) != 0)
		return error_errno(
		    err, RESULT_IO, errno, "cannot write into %s", folder);
	return RESULT_OK;
}

static struct bytes answer_certificate(const tally_EnrolTerminalReply *answer)
{
	return bytes_of(answer->certificate.bytes, answer->certificate.size);
}

static struct bytes answer_authority(const tally_EnrolTerminalReply *answer)
{
	return bytes_of(answer->authority.bytes, answer->authority.size);
}

/* Is this a certificate for our key, under the authority of the token? */
static enum result answer_check(
    const struct enrolment *enrolment, struct error *err)
{
	const tally_EnrolTerminalReply *answer = &enrolment->answer;
	struct channel_context *context;
	struct hash pin;
	struct peer self;
	enum result result =
	    certificate_pin(answer_authority(answer), &pin, err);

	if (result == RESULT_OK)
		result =
		    certificate_peer(answer_certificate(answer), &self, err);
	if (result != RESULT_OK)
		return result;
	if (!hash_equal(&pin, &enrolment->token.authority_pin) ||
	    self.role == ROLE_NONE || self.number != answer->terminal)
		return error_set(err, RESULT_DENIED,
		    "the server's answer is not for this token");
	result =
	    channel_context_client(enrolment->key, answer_certificate(answer),
		answer_authority(answer), &context, err);
	if (result == RESULT_OK)
		channel_context_destroy(context);
	return result;
}

static enum result answer_take(
    struct enrolment *enrolment, const tally_Reply *reply, struct error *err)
{
	if (reply->which_body == tally_Reply_refusal_tag)
		return error_set(
		    err, RESULT_DENIED, "%s", reply->body.refusal.say);
	if (reply->which_body != tally_Reply_enrol_terminal_tag)
		return error_set(err, RESULT_INVALID,
		    "the server does not answer the enrolment");
	enrolment->answer = reply->body.enrol_terminal;
	return answer_check(enrolment, err);
}

static enum result request_fill(const struct enrolment *enrolment,
    tally_Request *ret_request, struct error *err)
{
	tally_EnrolTerminal *body = &ret_request->body.enrol_terminal;

	if (enrolment->csr.size > sizeof(body->csr.bytes))
		return error_set(
		    err, RESULT_LIMIT, "the signing request is too long");
	*ret_request =
	    (tally_Request){.which_body = tally_Request_enrol_terminal_tag};
	body->secret.size = TOKEN_SECRET_SIZE;
	memcpy(body->secret.bytes, enrolment->token.secret, TOKEN_SECRET_SIZE);
	body->csr.size = (pb_size_t)enrolment->csr.size;
	memcpy(body->csr.bytes, enrolment->csr.data, enrolment->csr.size);
	return RESULT_OK;
}

static enum result enrolment_call(
    struct enrolment *enrolment, struct link *link, struct error *err)
{
	tally_Request request;
	tally_Reply *reply = malloc(sizeof(*reply));
	enum result result;

	if (reply == NULL)
		return error_no_memory(err);
	result = request_fill(enrolment, &request, err);
	if (result == RESULT_OK)
		result = link_call(link, &request, ANSWER_MS, reply, err);
	if (result == RESULT_OK)
		result = answer_take(enrolment, reply, err);
	crypto_wipe(&request, sizeof(request));
	free(reply);
	return result;
}

/* From a key that is not there yet to a certificate for it. */
static enum result enrolment_run(
    struct enrolment *enrolment, const char *address, struct error *err)
{
	struct channel_context *context;
	struct link *link;
	enum result result = channel_context_enrol(
	    &enrolment->token.authority_pin, &context, err);

	if (result != RESULT_OK)
		return result;
	result = key_create(&enrolment->key, err);
	if (result == RESULT_OK)
		result = certificate_request_make(
		    enrolment->key, &enrolment->csr, err);
	if (result != RESULT_OK) {
		channel_context_destroy(context);
		return result;
	}
	result = link_open_tls(address, context, DIAL_MS, &link, err);
	if (result == RESULT_DENIED)
		(void)error_prefix(
		    err, "this is not the server that the token is for");
	if (result == RESULT_OK) {
		result = enrolment_call(enrolment, link, err);
		link_close(link);
	}
	channel_context_destroy(context);
	return result;
}

static enum result enrolment_keep(const struct enrolment *enrolment,
    const struct place *place, const char *folder, const char *address,
    struct error *err)
{
	char line[ADDRESS_SIZE_MAX + 2];
	size_t size = strlen(address);
	enum result result;

	memcpy(line, address, size);
	line[size] = '\n';
	/* Without a certificate, a key is what a crash left behind. */
	if (unlink(place->key) != 0 && errno != ENOENT)
		return error_errno(
		    err, RESULT_IO, errno, "cannot replace %s", place->key);
	result = key_save(enrolment->key, place->key, err);
	if (result == RESULT_OK)
		result = certificate_save(answer_authority(&enrolment->answer),
		    place->authority, err);
	if (result == RESULT_OK)
		result = file_replace(
		    place->server, bytes_of(line, size + 1), false, err);
	/* The names are on the disk before the last one is given. */
	if (result == RESULT_OK)
		result = file_sync_folder(folder, err);
	if (result == RESULT_OK)
		result =
		    certificate_save(answer_certificate(&enrolment->answer),
			place->certificate, err);
	if (result == RESULT_OK)
		result = file_sync_folder(folder, err);
	return result;
}

/* All that can be wrong before the server is asked. */
static enum result enrolment_begin(const struct place *place,
    const char *folder, const char *address, const char *token,
    struct token *ret_token, struct error *err)
{
	char host[256], port[6];
	enum result result;

	if (file_exists(place->certificate))
		return error_set(
		    err, RESULT_EXISTS, "%s holds an identity already", folder);
	result = address_split(address, host, port, err);
	if (result == RESULT_OK)
		result = token_parse(token, ret_token, err);
	return result;
}

enum result identity_enrol(const char *folder, const char *address,
    const char *token, uint32_t *ret_number, struct error *err)
{
	struct enrolment *enrolment;
	struct place place;
	bool is_made = false;
	enum result result = place_of(folder, &place, err);

	if (result != RESULT_OK)
		return result;
	enrolment = calloc(1, sizeof(*enrolment));
	if (enrolment == NULL)
		return error_no_memory(err);
	result = enrolment_begin(
	    &place, folder, address, token, &enrolment->token, err);
	if (result == RESULT_OK)
		result = folder_prepare(folder, &is_made, err);
	if (result == RESULT_OK)
		result = enrolment_run(enrolment, address, err);
	if (result == RESULT_OK)
		result =
		    enrolment_keep(enrolment, &place, folder, address, err);
	if (result == RESULT_OK)
		*ret_number = enrolment->answer.terminal;
	else if (is_made)
		/* Only an empty folder goes: what was kept stays. */
		(void)rmdir(folder);
	key_destroy(enrolment->key);
	buffer_finish(&enrolment->csr);
	crypto_wipe(enrolment, sizeof(*enrolment));
	free(enrolment);
	return result;
}
