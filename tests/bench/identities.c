/*
 * identities: admit N tills to a shop that no server has open, and write the
 * folder that each would have after it had enrolled: DIR/0001, DIR/0002, …
 *
 *     identities SHOP DIR N [HOST:PORT]
 *
 * The tills are admitted by the same commands as over the network, a token
 * and then a signing request, and so stand in the ledger as any other.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/clock.h"
#include "proto/token.h"
#include "server/command.h"

#define PATH_SIZE_MAX 4096u
#define TILLS_A_COMMIT 100u

__attribute__((noreturn)) static void fail(const char *what, const char *why)
{
	fprintf(stderr, "identities: %s: %s\n", what, why);
	exit(2);
}

static void must(enum result result, const char *what, const struct error *err)
{
	if (result != RESULT_OK)
		fail(what, err->text);
}

static void path_in(
    const char *folder, const char *name, char ret_path[PATH_SIZE_MAX])
{
	int size = snprintf(ret_path, PATH_SIZE_MAX, "%s/%s", folder, name);

	if (size < 0 || (size_t)size >= PATH_SIZE_MAX)
		fail(folder, "too long");
}

/* --- in the ledger -------------------------------------------------------- */

/* What was asked is durable from here on. Nobody is connected who would have to
 * be told. */
static void commit(struct shop *shop)
{
	struct error err = {.text = ""};

	if (ledger_commit(shop->ledger, clock_wall_ms(), &err) !=
	    APPEND_DURABLE)
		fail("the ledger", err.text);
}

/* Carry out the job's request; its reply must be `which`. */
static void execute(struct shop *shop, struct job *job, pb_size_t which)
{
	uint64_t now_ms = clock_wall_ms();
	struct error err = {.text = ""};

	if (command_execute(shop, job, now_ms, &err) != RESULT_OK)
		fail("the ledger", err.text);
	if (job->reply.which_body == tally_Reply_refusal_tag)
		fail("refused", job->reply.body.refusal.say);
	if (job->reply.which_body != which)
		fail("refused", "another reply");
}

/* As the owner: a place for one more till. */
static void add_terminal(struct shop *shop, struct job *job, unsigned number,
    struct token *ret_token)
{
	tally_TerminalAdd *add = &job->request.body.terminal_add;
	struct error err;

	memset(job, 0, sizeof(*job));
	job->caller.peer.role = ROLE_OWNER;
	job->caller.said_hello = true;
	job->request.which_body = tally_Request_terminal_add_tag;
	snprintf(add->name, sizeof(add->name), "Bench %04u", number);
	add->role = ROLE_TERMINAL;
	execute(shop, job, tally_Reply_terminal_add_tag);
	must(token_parse(job->reply.body.terminal_add.token, ret_token, &err),
	    "its token", &err);
}

/* As the till: its certificate for its token. */
static const tally_EnrolTerminalReply *enrol(struct shop *shop, struct job *job,
    const struct token *token, struct bytes csr)
{
	tally_EnrolTerminal *wanted = &job->request.body.enrol_terminal;

	memset(job, 0, sizeof(*job));
	job->caller.is_enrolling = true;
	job->request.which_body = tally_Request_enrol_terminal_tag;
	wanted->secret.size = TOKEN_SECRET_SIZE;
	memcpy(wanted->secret.bytes, token->secret, TOKEN_SECRET_SIZE);
	if (csr.size > sizeof(wanted->csr.bytes))
		fail("signing request", "too long");
	wanted->csr.size = (pb_size_t)csr.size;
	memcpy(wanted->csr.bytes, csr.data, csr.size);
	execute(shop, job, tally_Reply_enrol_terminal_tag);
	return &job->reply.body.enrol_terminal;
}

/* --- on the disk ---------------------------------------------------------- */

static void make_folder(const char *path)
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		fail(path, strerror(errno));
}

static void save_address(const char *folder, const char *address)
{
	char path[PATH_SIZE_MAX];
	FILE *file;

	path_in(folder, "server", path);
	file = fopen(path, "w");
	if (file == NULL || fprintf(file, "%s\n", address) < 0 ||
	    fclose(file) != 0)
		fail(path, strerror(errno));
}

static void save(const char *folder, const char *address, const struct key *key,
    const tally_EnrolTerminalReply *reply)
{
	char path[PATH_SIZE_MAX];
	struct error err;

	make_folder(folder);
	path_in(folder, "key.pem", path);
	must(key_save(key, path, &err), path, &err);
	path_in(folder, "authority.pem", path);
	must(certificate_save(
		 bytes_of(reply->authority.bytes, reply->authority.size), path,
		 &err),
	    path, &err);
	save_address(folder, address);
	path_in(folder, "certificate.pem", path);
	must(certificate_save(
		 bytes_of(reply->certificate.bytes, reply->certificate.size),
		 path, &err),
	    path, &err);
}

static void make_identity(struct shop *shop, struct job *job,
    const char *folder, const char *address, unsigned number)
{
	char path[PATH_SIZE_MAX], name[16];
	struct buffer csr = {0};
	struct token token;
	struct key *key;
	struct error err;

	snprintf(name, sizeof(name), "%04u", number);
	path_in(folder, name, path);
	must(key_create(&key, &err), "a key", &err);
	must(certificate_request_make(key, &csr, &err), "a key", &err);
	add_terminal(shop, job, number, &token);
	save(path, address, key, enrol(shop, job, &token, buffer_view(&csr)));
	buffer_finish(&csr);
	key_destroy(key);
}

int main(int argc, char **argv)
{
	unsigned long count;
	struct shop *shop;
	struct job *job;
	struct error err;

	if (argc < 4 || argc > 5) {
		fprintf(stderr, "identities SHOP DIR N [HOST:PORT]\n");
		return 2;
	}
	count = strtoul(argv[3], NULL, 10);
	if (count < 1 || count > 9999)
		fail(argv[3], "1 to 9999 are wanted");
	job = malloc(sizeof(*job));
	if (job == NULL)
		fail("a job", "no memory");
	must(shop_open(argv[1], &shop, &err), argv[1], &err);
	make_folder(argv[2]);
	for (unsigned number = 1; number <= count; number++) {
		make_identity(shop, job, argv[2],
		    argc == 5 ? argv[4] : "127.0.0.1:7171", number);
		if (number % TILLS_A_COMMIT == 0 || number == count)
			commit(shop);
	}
	must(shop_close(shop, clock_wall_ms(), &err), argv[1], &err);
	free(job);
	return 0;
}
