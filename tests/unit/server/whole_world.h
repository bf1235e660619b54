/*
 * whole_world: a shop whose programme has a bit of everything, and how each of
 * its requests is filled in.
 */
#ifndef TESTS_UNIT_SERVER_WHOLE_WORLD_H
#define TESTS_UNIT_SERVER_WHOLE_WORLD_H

#include "proto/file.h"
#include "tests/unit/server/command_world.h"

#define ANNA "2912345678906"
#define BEN "2912345678913"
#define CORA "2912345678920"
#define NOBODY "2912345678937"
#define PIN_ANN "4711"
#define PIN_SUE "471147"

#define WHOLE_RULES                     \
	"[programme]\n"                 \
	"name = Corner Coffee\n"        \
	"currency = EUR\n"              \
	"earn_points = 1\n"             \
	"earn_amount = 1.00\n"          \
	"sale_amount_max = 500.00\n"    \
	"claim_days = 14\n"             \
	"birthday_days = 1\n"           \
	"[earn fruit]\n"                \
	"points = 1\n"                  \
	"per = item\n"                  \
	"categories = fruit\n"          \
	"[earn cake]\n"                 \
	"points = 50\n"                 \
	"per = visit\n"                 \
	"birthday = yes\n"              \
	"[earn friend]\n"               \
	"refer = 100\n"                 \
	"[tiers]\n"                     \
	"qualify = points\n"            \
	"window = year\n"               \
	"[tier silver]\n"               \
	"name = Silver\n"               \
	"from = 300\n"                  \
	"[reward coffee]\n"             \
	"name = Coffee\n"               \
	"points = 150\n"                \
	"[reward five]\n"               \
	"name = Five off\n"             \
	"points = 100\n"                \
	"amount_off = 5.00\n"           \
	"[reward tenth]\n"              \
	"name = A tenth off\n"          \
	"points = 50\n"                 \
	"percent_off = 10\n"            \
	"percent_off_max = 20.00\n"     \
	"[reward cash]\n"               \
	"name = Pay with points\n"      \
	"money_points = 100\n"          \
	"money_amount = 1.00\n"         \
	"money_step = 50\n"             \
	"money_points_min = 100\n"      \
	"money_share_max = 50\n"        \
	"[transfer]\n"                  \
	"points_min = 10\n"             \
	"[goodwill]\n"                  \
	"cashier_day_points = 50\n"     \
	"supervisor_day_points = 500\n" \
	"second_day_points = 5000\n"

/* Put a programme into force. */
static inline void whole_rules(struct world *world, const char *text)
{
	tally_ProgrammePut *put =
	    &world_request(world, tally_Request_programme_put_tag)
		 ->body.programme_put;
	struct hash hash =
	    hash_plain(world->shop->hasher, bytes_of_string(text));
	char path[128];

	put->hash.size = HASH_SIZE;
	memcpy(put->hash.bytes, hash.bytes, HASH_SIZE);
	world_path(world, SHOP_PROGRAMME_NEW, path);
	assert_int_equal(
	    file_replace(path, bytes_of_string(text), true, &world->err),
	    RESULT_OK);
	if (world_ask_owner(world) != REFUSAL_NONE)
		fail_msg("%s", world_refusal(world)->say);
}

static inline const tally_OperationReply *whole_reply(struct world *world)
{
	assert_int_equal(world->reply->which_body, tally_Reply_operation_tag);
	return &world->reply->body.operation;
}

/* Two tills, and three members without points. */
static inline int whole_setup(void **state)
{
	(void)world_setup(state);
	whole_rules(*state, WHOLE_RULES);
	world_member(*state, ANNA);
	world_member(*state, BEN);
	world_member(*state, CORA);
	return 0;
}

#define WHOLE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, whole_setup, world_teardown)

/* --- asking again --------------------------------------------------------- */

/* Send the request once more as it is: the first answer must come again. */
static inline void whole_again(struct world *world, uint32_t till)
{
	tally_OperationReply first = *whole_reply(world);
	uint64_t head = world_head(world);

	assert_int_equal(world_ask(world, till), REFUSAL_NONE);
	assert_true(whole_reply(world)->repeated);
	assert_int_equal(whole_reply(world)->entry, first.entry);
	assert_int_equal(whole_reply(world)->points, first.points);
	assert_int_equal(whole_reply(world)->balance, first.balance);
	assert_int_equal(whole_reply(world)->time_ms, first.time_ms);
	assert_int_equal(whole_reply(world)->until_ms, first.until_ms);
	assert_int_equal(whole_reply(world)->value_minor, first.value_minor);
	assert_memory_equal(whole_reply(world)->hash.bytes, first.hash.bytes,
	    sizeof(first.hash.bytes));
	assert_int_equal(world_head(world), head);
}

/* --- filling in ----------------------------------------------------------- */

/* A field that is named after what it is given. */
#define WHOLE_TEXT(field, text) (void)snprintf(field, sizeof(field), "%s", text)
/* The request's body, with the till's next name where `till` is not 0. */
#define WHOLE_BEGIN(world, till, which)                                \
	do {                                                           \
		tally_Request *whole_request =                         \
		    world_request(world, tally_Request_##which##_tag); \
		if ((till) != 0)                                       \
			world_name(world, till,                        \
			    &whole_request->body.which.has_operation,  \
			    &whole_request->body.which.operation);     \
	} while (0)
#define WHOLE_BODY(world, which) (&(world)->job->request.body.which)

static inline void whole_line(tally_Line *line, const char *category,
    const char *product, uint32_t quantity, int64_t amount_minor)
{
	WHOLE_TEXT(line->category, category);
	WHOLE_TEXT(line->product, product);
	line->quantity = quantity;
	line->amount_minor = amount_minor;
}

static inline void whole_fill_hold(
    struct world *world, const char *card, const char *reward)
{
	WHOLE_BEGIN(world, 1, hold);
	WHOLE_TEXT(WHOLE_BODY(world, hold)->card, card);
	WHOLE_TEXT(WHOLE_BODY(world, hold)->reward, reward);
}

static inline void whole_fill_capture(
    struct world *world, const char *card, uint64_t hold)
{
	WHOLE_BEGIN(world, 1, redeem);
	WHOLE_TEXT(WHOLE_BODY(world, redeem)->card, card);
	WHOLE_BODY(world, redeem)->hold = hold;
}

static inline void whole_fill_void(
    struct world *world, uint32_t till, uint64_t counter)
{
	WHOLE_BEGIN(world, till, void_operation);
	WHOLE_BODY(world, void_operation)->counter = counter;
}

static inline void whole_fill_transfer(
    struct world *world, const char *card, const char *to, uint64_t points)
{
	WHOLE_BEGIN(world, 1, transfer);
	WHOLE_TEXT(WHOLE_BODY(world, transfer)->card, card);
	WHOLE_TEXT(WHOLE_BODY(world, transfer)->to, to);
	WHOLE_BODY(world, transfer)->points = points;
}

static inline void whole_fill_adjust(struct world *world, uint32_t till,
    const char *card, int64_t points, const char *reason)
{
	WHOLE_BEGIN(world, till, adjust);
	WHOLE_TEXT(WHOLE_BODY(world, adjust)->card, card);
	WHOLE_BODY(world, adjust)->points = points;
	WHOLE_TEXT(WHOLE_BODY(world, adjust)->reason, reason);
}

static inline void whole_fill_join(
    struct world *world, uint32_t till, const char *card, const char *with)
{
	WHOLE_BEGIN(world, till, join);
	WHOLE_TEXT(WHOLE_BODY(world, join)->card, card);
	WHOLE_TEXT(WHOLE_BODY(world, join)->with, with);
}

static inline void whole_fill_leave(
    struct world *world, uint32_t till, const char *card)
{
	WHOLE_BEGIN(world, till, leave);
	WHOLE_TEXT(WHOLE_BODY(world, leave)->card, card);
}

static inline void whole_fill_details(struct world *world, uint32_t till,
    const char *card, const char *name, uint32_t birthday)
{
	WHOLE_BEGIN(world, till, member_set);
	WHOLE_TEXT(WHOLE_BODY(world, member_set)->card, card);
	WHOLE_BODY(world, member_set)->details = true;
	WHOLE_TEXT(WHOLE_BODY(world, member_set)->name, name);
	WHOLE_BODY(world, member_set)->birthday = birthday;
}

static inline void whole_fill_segment(struct world *world, uint32_t till,
    const char *card, const char *segment, bool remove)
{
	WHOLE_BEGIN(world, till, member_set);
	WHOLE_TEXT(WHOLE_BODY(world, member_set)->card, card);
	WHOLE_TEXT(WHOLE_BODY(world, member_set)->segment, segment);
	WHOLE_BODY(world, member_set)->remove = remove;
}

static inline void whole_fill_card_add(
    struct world *world, uint32_t till, const char *card, const char *new_card)
{
	WHOLE_BEGIN(world, till, card_add);
	WHOLE_TEXT(WHOLE_BODY(world, card_add)->card, card);
	WHOLE_TEXT(WHOLE_BODY(world, card_add)->new_card, new_card);
}

static inline void whole_fill_card_block(
    struct world *world, uint32_t till, const char *card, bool unblock)
{
	WHOLE_BEGIN(world, till, card_block);
	WHOLE_TEXT(WHOLE_BODY(world, card_block)->card, card);
	WHOLE_BODY(world, card_block)->unblock = unblock;
}

/* --- asking --------------------------------------------------------------- */

/* Points that are kept for a reward; the hold's entry. */
static inline uint64_t whole_hold(
    struct world *world, const char *card, const char *reward)
{
	whole_fill_hold(world, card, reward);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	return whole_reply(world)->entry;
}

/* The account of a card, as the directory has it. */
static inline uint64_t whole_account(struct world *world, const char *card)
{
	return directory_find(world->shop->directory, card);
}

static inline const struct book_member *whole_member(
    struct world *world, const char *card)
{
	return book_member(
	    ledger_book(world->shop->ledger), whole_account(world, card));
}

/* What the owner is shown of a member. */
static inline const tally_MemberShowReply *whole_show(
    struct world *world, const char *card)
{
	(void)world_request(world, tally_Request_member_show_tag);
	WHOLE_TEXT(world->job->request.body.member_show.card, card);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	return &world->reply->body.member_show;
}

/* Points that the owner gives. */
static inline void whole_give(
    struct world *world, const char *card, int64_t points)
{
	whole_fill_adjust(world, 0, card, points, "a test");
	if (world_ask_owner(world) != REFUSAL_NONE)
		fail_msg("%s", world_refusal(world)->say);
}

static inline int64_t whole_balance(struct world *world, const char *card)
{
	world_fill_balance(world, card);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	return world->reply->body.member.balance;
}

static inline void whole_block(struct world *world, const char *card)
{
	whole_fill_card_block(world, 0, card, false);
	assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
}

/* A cashier and a supervisor, who are 1 and 2. */
static inline void whole_cashiers(struct world *world)
{
	static const struct {
		const char *name;
		const char *pin;
		enum role role;
	} crew[] = {
	    {"Ann", PIN_ANN, ROLE_CASHIER}, {"Sue", PIN_SUE, ROLE_SUPERVISOR}};

	for (size_t i = 0; i < 2; i++) {
		tally_CashierAdd *add =
		    &world_request(world, tally_Request_cashier_add_tag)
			 ->body.cashier_add;

		WHOLE_TEXT(add->name, crew[i].name);
		WHOLE_TEXT(add->pin, crew[i].pin);
		add->role = crew[i].role;
		assert_int_equal(world_ask_owner(world), REFUSAL_NONE);
	}
}

/* A ticket of that cashier at till 1. */
static inline void whole_login(struct world *world, uint32_t cashier,
    const char *pin, tally_LoginReply *ret_login)
{
	tally_Login *login =
	    &world_request(world, tally_Request_login_tag)->body.login;

	login->cashier = cashier;
	WHOLE_TEXT(login->pin, pin);
	assert_int_equal(world_ask(world, 1), REFUSAL_NONE);
	*ret_login = world->reply->body.login;
}

static inline void whole_ticket(
    tally_Operation *operation, const tally_LoginReply *login)
{
	operation->ticket.size = login->ticket.size;
	memcpy(
	    operation->ticket.bytes, login->ticket.bytes, login->ticket.size);
}

#endif
