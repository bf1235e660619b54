/*
 * command_world: a real shop in a folder of its own, and callers that ask.
 *
 * A request goes the way that it goes in the server: the side worker's part
 * where it has one, command_execute(), the commit, command_committed(); and
 * its reply goes through the codec and back, into memory that held something
 * else before, so that a field that was forgotten shows.
 */
#ifndef TESTS_UNIT_SERVER_COMMAND_WORLD_H
#define TESTS_UNIT_SERVER_COMMAND_WORLD_H

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ftw.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "proto/certificate.h"
#include "proto/frame.h"
#include "server/command.h"

#define WORLD_TILLS 3u

struct world {
	char folder[64];
	struct shop *shop;
	struct store *reader; /* the side worker's */
	uint64_t now_ms;
	struct peer peers[WORLD_TILLS + 1]; /* by terminal number */
	uint64_t counters[WORLD_TILLS + 1];
	bool is_full; /* the last request met a full group */
	struct job *job;
	tally_Reply *reply; /* decoded */
	struct error err;
};

static inline tally_Request *world_request(struct world *world, pb_size_t which)
{
	tally_Request *request = &world->job->request;

	memset(request, 0, sizeof(*request));
	request->id = 0xfeedull + which;
	request->which_body = which;
	return request;
}

static inline void world_commit(struct world *world)
{
	assert_int_equal(
	    ledger_commit(world->shop->ledger, world->now_ms, &world->err),
	    APPEND_DURABLE);
}

/* Stage it; false where it is answered already, by frames. */
static inline bool world_stage(struct world *world, struct caller caller)
{
	struct job *job = world->job;
	enum result result;

	job->caller = caller;
	job->pin_is_hashed = false;
	memset(&job->reply, 0xa5, sizeof(job->reply));
	if (command_is_side(&job->request) &&
	    !command_side(world->shop, world->reader, job))
		return false;
	result = command_execute(world->shop, job, world->now_ms, &world->err);
	world->is_full = result == RESULT_LIMIT;
	if (world->is_full) {
		world_commit(world);
		result = command_execute(
		    world->shop, job, world->now_ms, &world->err);
	}
	assert_int_equal(result, RESULT_OK);
	return true;
}

/* The reply, as its reader sees it. */
static inline void world_decode(struct world *world)
{
	struct buffer frame = {0};
	struct bytes body;

	assert_int_equal(world->job->end, JOB_REPLY);
	assert_int_equal(world->job->reply.id, world->job->request.id);
	assert_int_equal(
	    message_append_reply(&frame, &world->job->reply, &world->err),
	    RESULT_OK);
	body = buffer_view(&frame);
	body.data += FRAME_HEAD_SIZE;
	body.size -= FRAME_HEAD_SIZE;
	if (message_decode_reply(body, world->reply, &world->err) != RESULT_OK)
		fail_msg("%s", world->err.text);
	buffer_finish(&frame);
}

/* Ask as `caller`, all the way; the refusal's code, or 0. */
static inline enum refusal_code world_ask_as(
    struct world *world, struct caller caller)
{
	if (world_stage(world, caller))
		world_commit(world);
	if (world->job->end == JOB_FRAMES)
		return REFUSAL_NONE;
	command_committed(world->shop, world->job);
	world_decode(world);
	return world->reply->which_body == tally_Reply_refusal_tag
		   ? (enum refusal_code)world->reply->body.refusal.code
		   : REFUSAL_NONE;
}

static inline struct caller world_till(struct world *world, uint32_t number)
{
	return (struct caller){
	    .peer = world->peers[number], .said_hello = true};
}

static inline enum refusal_code world_ask(struct world *world, uint32_t till)
{
	return world_ask_as(world, world_till(world, till));
}

static inline enum refusal_code world_ask_owner(struct world *world)
{
	return world_ask_as(world,
	    (struct caller){.peer = {.role = ROLE_OWNER}, .said_hello = true});
}

static inline const tally_Refusal *world_refusal(struct world *world)
{
	assert_int_equal(world->reply->which_body, tally_Reply_refusal_tag);
	return &world->reply->body.refusal;
}

/* --- terminals ------------------------------------------------------------ */

/* A token for a new terminal; its number. */
static inline uint32_t world_add(struct world *world, enum role role,
    uint64_t valid_ms, struct token *ret_token)
{
	tally_Request *request =
	    world_request(world, tally_Request_terminal_add_tag);

	(void)snprintf(request->body.terminal_add.name,
	    sizeof(request->body.terminal_add.name), "Till");
	request->body.terminal_add.role = role;
	request->body.terminal_add.valid_ms = valid_ms;
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	assert_int_equal(token_parse(world->reply->body.terminal_add.token,
			     ret_token, &world->err),
	    RESULT_OK);
	return world->reply->body.terminal_add.number;
}

/* Ask to be let in with a fresh key. */
static inline enum refusal_code world_enrol(
    struct world *world, const struct token *token)
{
	tally_EnrolTerminal *enrol =
	    &world_request(world, tally_Request_enrol_terminal_tag)
		 ->body.enrol_terminal;
	struct buffer csr = {0};
	struct key *key;

	assert_int_equal(key_create(&key, &world->err), RESULT_OK);
	assert_int_equal(
	    certificate_request_make(key, &csr, &world->err), RESULT_OK);
	key_destroy(key);
	enrol->secret.size = TOKEN_SECRET_SIZE;
	memcpy(enrol->secret.bytes, token->secret, TOKEN_SECRET_SIZE);
	assert_true(csr.size <= sizeof(enrol->csr.bytes));
	enrol->csr.size = (pb_size_t)csr.size;
	memcpy(enrol->csr.bytes, csr.data, csr.size);
	buffer_finish(&csr);
	return world_ask_as(world, (struct caller){.is_enrolling = true});
}

/* A terminal that is let in: its number, under which it may ask. */
static inline uint32_t world_admit(struct world *world, enum role role)
{
	struct token token;
	uint32_t number = world_add(world, role, 0, &token);
	const tally_EnrolTerminalReply *reply;

	assert_in_range(number, 1, WORLD_TILLS);
	assert_int_equal(world_enrol(world, &token), REFUSAL_NONE);
	reply = &world->reply->body.enrol_terminal;
	assert_int_equal(certificate_peer(bytes_of(reply->certificate.bytes,
					      reply->certificate.size),
			     &world->peers[number], &world->err),
	    RESULT_OK);
	assert_int_equal(world->peers[number].number, number);
	return number;
}

/* --- operations ----------------------------------------------------------- */

/* The next name of a till. */
static inline void world_name(struct world *world, uint32_t till, bool *ret_has,
    tally_Operation *ret_name)
{
	*ret_has = true;
	memset(ret_name, 0, sizeof(*ret_name));
	ret_name->counter = ++world->counters[till];
	ret_name->random.size = ENTRY_RANDOM_SIZE;
	memset(ret_name->random.bytes, (int)(till * 16 + ret_name->counter),
	    ENTRY_RANDOM_SIZE);
}

static inline void world_fill_enrol(
    struct world *world, uint32_t till, const char *card)
{
	tally_Enrol *enrol =
	    &world_request(world, tally_Request_enrol_tag)->body.enrol;

	world_name(world, till, &enrol->has_operation, &enrol->operation);
	(void)snprintf(enrol->card, sizeof(enrol->card), "%s", card);
}

static inline void world_fill_earn(
    struct world *world, uint32_t till, const char *card, uint64_t amount_minor)
{
	tally_Earn *earn =
	    &world_request(world, tally_Request_earn_tag)->body.earn;

	world_name(world, till, &earn->has_operation, &earn->operation);
	(void)snprintf(earn->card, sizeof(earn->card), "%s", card);
	earn->amount_minor = amount_minor;
}

static inline void world_fill_redeem(
    struct world *world, uint32_t till, const char *card, const char *reward)
{
	tally_Redeem *redeem =
	    &world_request(world, tally_Request_redeem_tag)->body.redeem;

	world_name(world, till, &redeem->has_operation, &redeem->operation);
	(void)snprintf(redeem->card, sizeof(redeem->card), "%s", card);
	(void)snprintf(redeem->reward, sizeof(redeem->reward), "%s", reward);
}

static inline void world_fill_return(
    struct world *world, uint32_t till, uint64_t entry, uint64_t amount_minor)
{
	tally_Return *goods =
	    &world_request(world, tally_Request_return_goods_tag)
		 ->body.return_goods;

	world_name(world, till, &goods->has_operation, &goods->operation);
	goods->entry = entry;
	goods->amount_minor = amount_minor;
}

static inline void world_fill_balance(struct world *world, const char *card)
{
	tally_Request *request =
	    world_request(world, tally_Request_balance_tag);

	(void)snprintf(request->body.balance.card,
	    sizeof(request->body.balance.card), "%s", card);
}

/* Enrol a card at till 1, which must go well. */
static inline void world_member(struct world *world, const char *card)
{
	world_fill_enrol(world, 1, card);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
}

/* A sale at till 1; its entry. */
static inline uint64_t world_sale(
    struct world *world, const char *card, uint64_t amount_minor)
{
	world_fill_earn(world, 1, card, amount_minor);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	return world->reply->body.operation.entry;
}

static inline uint64_t world_head(const struct world *world)
{
	return book_head(ledger_book(world->shop->ledger))->sequence;
}

/* The n-th EAN-13 of a shop's own. */
static inline const char *world_card(unsigned n)
{
	static char number[14];
	unsigned sum = 0;

	(void)snprintf(number, sizeof(number), "29%010u", n);
	for (size_t i = 0; i < 12; i++)
		sum += (unsigned)(number[i] - '0') * (i % 2 == 0 ? 1 : 3);
	number[12] = (char)('0' + (10 - sum % 10) % 10);
	return number;
}

/* --- opening and closing -------------------------------------------------- */

static inline int world_unlink(
    const char *path, const struct stat *status, int flag, struct FTW *walk)
{
	(void)status;
	(void)flag;
	(void)walk;
	return remove(path);
}

static inline void world_path(
    const struct world *world, const char *name, char ret_path[128])
{
	(void)snprintf(ret_path, 128, "%s/shop%s%s", world->folder,
	    name[0] == '\0' ? "" : "/", name);
}

static inline void world_reopen(struct world *world)
{
	char path[128];

	store_close(world->reader);
	if (world->shop != NULL)
		assert_int_equal(
		    shop_close(world->shop, world->now_ms, &world->err),
		    RESULT_OK);
	world->shop = NULL;
	world_path(world, "", path);
	if (shop_open(path, &world->shop, &world->err) != RESULT_OK)
		fail_msg("%s", world->err.text);
	world_path(world, "ledger.db", path);
	assert_int_equal(
	    store_sqlite_open(path, STORE_READ, &world->reader, &world->err),
	    RESULT_OK);
}

/* A fresh shop. Its time is an hour ago, so that locks that it sets have run
 * out by the clock that the side worker looks at. */
static inline struct world *world_open(void)
{
	struct world *world = calloc(1, sizeof(*world));
	char path[128];

	assert_non_null(world);
	world->job = calloc(1, sizeof(*world->job));
	world->reply = calloc(1, sizeof(*world->reply));
	assert_non_null(world->job);
	assert_non_null(world->reply);
	world->now_ms = clock_wall_ms() - 3600000;
	(void)snprintf(
	    world->folder, sizeof(world->folder), "/tmp/tally-command-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	world_path(world, "", path);
	if (shop_create(path, "Corner Coffee", world->now_ms, &world->err) !=
	    RESULT_OK)
		fail_msg("%s", world->err.text);
	world_reopen(world);
	return world;
}

static inline void world_close(struct world *world)
{
	store_close(world->reader);
	shop_abandon(world->shop);
	(void)nftw(world->folder, world_unlink, 16, FTW_DEPTH | FTW_PHYS);
	buffer_finish(&world->job->frames);
	free(world->job);
	free(world->reply);
	free(world);
}

/* Setup and teardown: a shop with two tills; one that is empty. */
static inline int world_setup(void **state)
{
	struct world *world = world_open();

	assert_int_equal(world_admit(world, ROLE_TERMINAL), 1);
	assert_int_equal(world_admit(world, ROLE_TERMINAL), 2);
	*state = world;
	return 0;
}

static inline int world_setup_empty(void **state)
{
	*state = world_open();
	return 0;
}

static inline int world_teardown(void **state)
{
	world_close(*state);
	return 0;
}

#define WORLD_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
#define WORLD_TEST_EMPTY(name) \
	cmocka_unit_test_setup_teardown(name, world_setup_empty, world_teardown)

#endif
