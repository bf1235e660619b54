/*
 * verbs_change: what an owner changes of a member: details, segments, cards,
 * points, and whom a member pools with.
 */
#include <stdio.h>
#include <string.h>

#include "server/tally/format.h"
#include "server/tally/verbs.h"

/* --- the answer ----------------------------------------------------------- */

static void put_operation(
    struct page *page, const tally_OperationReply *operation)
{
	page_count(page, "entry", NULL, (int64_t)operation->entry);
	page_hash(page, "hash", NULL,
	    bytes_of(operation->hash.bytes, operation->hash.size));
	page_count(page, "points", NULL, operation->points);
	page_count(page, "balance", NULL, operation->balance);
}

/* One request about a member; `say` follows, with the number of the entry. */
static int ask_operation(const struct asked *asked, struct page *page,
    tally_Request *request, tally_OperationReply *ret_operation)
{
	tally_Reply reply;
	int code =
	    verb_once(asked, page, request, tally_Reply_operation_tag, &reply);

	if (code != EXIT_FINE)
		return code;
	*ret_operation = reply.body.operation;
	put_operation(page, ret_operation);
	return EXIT_FINE;
}

static unsigned long long entry_of(const tally_OperationReply *operation)
{
	return operation->entry;
}

/* --- who it is ------------------------------------------------------------ */

/* "03-14" is 314, "" is 0. Whether there is such a day is the server's. */
static bool read_birthday(
    struct page *page, const char *text, uint32_t *ret_birthday)
{
	unsigned month;
	unsigned day;
	int size = 0;

	*ret_birthday = 0;
	if (text[0] == '\0')
		return true;
	if (strlen(text) == 5 &&
	    sscanf(text, "%2u-%2u%n", &month, &day, &size) == 2 && size == 5 &&
	    month >= 1 && month <= 12 && day >= 1 && day <= 31) {
		*ret_birthday = month * 100 + day;
		return true;
	}
	page_fail(page, "usage",
	    "--birthday is a month and a day such as 03-14, not '%.40s'", text);
	return false;
}

/* A detail that is given; what is not stays as it is. "" takes it away. */
static bool read_detail(const struct asked *asked, struct page *page,
    const char *option, char *to, size_t size)
{
	const char *given = asked_option(asked, option);

	if (given == NULL)
		return true;
	if (given[0] != '\0')
		return verb_copy(page, option, to, size, given);
	to[0] = '\0';
	return true;
}

static bool read_details(
    const struct asked *asked, struct page *page, tally_MemberSet *set)
{
	const char *birthday = asked_option(asked, "--birthday");

	if (!read_detail(asked, page, "--name", set->name, sizeof(set->name)) ||
	    !read_detail(
		asked, page, "--phone", set->phone, sizeof(set->phone)))
		return false;
	return birthday == NULL ||
	       read_birthday(page, birthday, &set->birthday);
}

/* What is kept now, for details are said as a whole. */
static int fetch_details(
    struct page *page, struct call *call, tally_MemberSet *set)
{
	tally_Request request = {.which_body = tally_Request_member_show_tag};
	const tally_MemberShowReply *member;
	tally_Reply reply;
	int code;

	memcpy(request.body.member_show.card, set->card, sizeof(set->card));
	code =
	    verb_ask(page, call, &request, tally_Reply_member_show_tag, &reply);
	if (code != EXIT_FINE)
		return code;
	member = &reply.body.member_show;
	memcpy(set->name, member->name, sizeof(set->name));
	memcpy(set->phone, member->phone, sizeof(set->phone));
	set->birthday = member->birthday;
	return EXIT_FINE;
}

static int ask_details(const struct asked *asked, struct page *page,
    struct call *call, tally_Request *request)
{
	tally_MemberSet *set = &request->body.member_set;
	tally_Reply reply;
	int code;

	set->details = true;
	if (asked_option(asked, "--name") == NULL ||
	    asked_option(asked, "--phone") == NULL ||
	    asked_option(asked, "--birthday") == NULL) {
		code = fetch_details(page, call, set);
		if (code != EXIT_FINE)
			return code;
	}
	if (!read_details(asked, page, set))
		return EXIT_FAILED;
	code = verb_ask(page, call, request, tally_Reply_operation_tag, &reply);
	if (code != EXIT_FINE)
		return code;
	put_operation(page, &reply.body.operation);
	page_say(page,
	    "The details are kept beside the ledger; entry %llu proves them.",
	    entry_of(&reply.body.operation));
	return EXIT_FINE;
}

static int set_details(
    const struct asked *asked, struct page *page, tally_Request *request)
{
	struct call *call;
	int code = verb_open(asked, page, &call);

	if (code != EXIT_FINE)
		return code;
	code = ask_details(asked, page, call, request);
	return verb_close(page, call, code);
}

static int set_segment(
    const struct asked *asked, struct page *page, tally_Request *request)
{
	tally_MemberSet *set = &request->body.member_set;
	tally_OperationReply operation;
	int code;

	if (!verb_copy(page, "--segment", set->segment, sizeof(set->segment),
		asked_option(asked, "--segment")))
		return EXIT_FAILED;
	set->remove = asked_option(asked, "--remove") != NULL;
	code = ask_operation(asked, page, request, &operation);
	if (code == EXIT_FINE)
		page_say(page, "%s the segment %s from entry %llu on.",
		    set->remove ? "No longer in" : "In", set->segment,
		    entry_of(&operation));
	return code;
}

int run_member_set(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_member_set_tag};
	tally_MemberSet *set = &request.body.member_set;
	bool has_segment = asked_option(asked, "--segment") != NULL;
	bool has_details = asked_option(asked, "--name") != NULL ||
			   asked_option(asked, "--phone") != NULL ||
			   asked_option(asked, "--birthday") != NULL;

	if (has_segment == has_details)
		return page_fail(page, "usage",
		    "member set wants --name, --phone or --birthday, or else "
		    "--segment X (see: tally help member set)");
	if (has_details && asked_option(asked, "--remove") != NULL)
		return page_fail(page, "usage",
		    "--remove goes with --segment; a detail is taken away with "
		    "'', such as --phone ''");
	if (!verb_copy(page, "CARD", set->card, sizeof(set->card),
		asked->positionals[0]))
		return EXIT_FAILED;
	return has_segment ? set_segment(asked, page, &request)
			   : set_details(asked, page, &request);
}

/* --- pools ---------------------------------------------------------------- */

int run_member_join(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_join_tag};
	tally_Join *join = &request.body.join;
	tally_OperationReply operation;
	int code;

	if (!verb_copy(page, "CARD", join->card, sizeof(join->card),
		asked->positionals[0]) ||
	    !verb_copy(page, "WITH", join->with, sizeof(join->with),
		asked->positionals[1]))
		return EXIT_FAILED;
	code = ask_operation(asked, page, &request, &operation);
	if (code == EXIT_FINE)
		page_say(page,
		    "Both cards now have one balance (entry %llu). To part "
		    "again: tally member leave %s",
		    entry_of(&operation), join->card);
	return code;
}

int run_member_leave(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_leave_tag};
	tally_Leave *leave = &request.body.leave;
	tally_OperationReply operation;
	char balance[FORMAT_SIZE];
	int code;

	if (!verb_copy(page, "CARD", leave->card, sizeof(leave->card),
		asked->positionals[0]))
		return EXIT_FAILED;
	code = ask_operation(asked, page, &request, &operation);
	if (code != EXIT_FINE)
		return code;
	format_count(operation.balance, balance);
	page_say(page,
	    "On its own again with %s points: what it brought and is still "
	    "there (entry %llu).",
	    balance, entry_of(&operation));
	return EXIT_FINE;
}

/* --- cards ---------------------------------------------------------------- */

int run_card_add(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_card_add_tag};
	tally_CardAdd *add = &request.body.card_add;
	tally_OperationReply operation;
	int code;

	if (!verb_copy(page, "CARD", add->card, sizeof(add->card),
		asked->positionals[0]) ||
	    !verb_copy(page, "NEW", add->new_card, sizeof(add->new_card),
		asked->positionals[1]))
		return EXIT_FAILED;
	code = ask_operation(asked, page, &request, &operation);
	if (code == EXIT_FINE)
		page_say(page,
		    "Both cards are one member's from entry %llu on. If the "
		    "first is lost: tally card block %s",
		    entry_of(&operation), add->card);
	return code;
}

static int set_card(const struct asked *asked, struct page *page, bool unblock)
{
	tally_Request request = {.which_body = tally_Request_card_block_tag};
	tally_CardBlock *block = &request.body.card_block;
	const char *reason = asked_option(asked, "--reason");
	tally_OperationReply operation;
	int code;

	block->unblock = unblock;
	if (!verb_copy(page, "CARD", block->card, sizeof(block->card),
		asked->positionals[0]))
		return EXIT_FAILED;
	if (reason != NULL && !verb_copy(page, "--reason", block->reason,
				  sizeof(block->reason), reason))
		return EXIT_FAILED;
	code = ask_operation(asked, page, &request, &operation);
	if (code != EXIT_FINE)
		return code;
	if (unblock)
		page_say(page, "Card %s is taken again (entry %llu).",
		    block->card, entry_of(&operation));
	else
		page_say(page,
		    "Card %s is refused at every till (entry %llu). A new one "
		    "for the same member: tally card add %s NEW",
		    block->card, entry_of(&operation), block->card);
	return EXIT_FINE;
}

int run_card_block(const struct asked *asked, struct page *page)
{
	return set_card(asked, page, false);
}

int run_card_unblock(const struct asked *asked, struct page *page)
{
	return set_card(asked, page, true);
}

int run_cashier_card(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_staff_card_tag};
	tally_StaffCard *staff = &request.body.staff_card;
	const char *card = asked->positionals[1];
	bool is_none = strcmp(card, "none") == 0;
	tally_Reply reply;
	uint64_t number;
	int code;

	if (!verb_number(page, "NUMBER", asked->positionals[0], 1, CASHIERS_MAX,
		&number))
		return EXIT_FAILED;
	if (!is_none &&
	    !verb_copy(page, "CARD", staff->card, sizeof(staff->card), card))
		return EXIT_FAILED;
	staff->cashier = (uint32_t)number;
	code = verb_once(asked, page, &request, tally_Reply_done_tag, &reply);
	if (code != EXIT_FINE)
		return code;
	page_count(page, "number", NULL, (int64_t)number);
	page_count(page, "entry", NULL, (int64_t)reply.body.done.entry);
	if (is_none)
		page_say(page, "Cashier %u has no card that is known.",
		    staff->cashier);
	else
		page_say(page, "Cashier %u cannot give points to card %s.",
		    staff->cashier, staff->card);
	return EXIT_FINE;
}

/* --- points --------------------------------------------------------------- */

int run_goodwill(const struct asked *asked, struct page *page)
{
	tally_Request request = {.which_body = tally_Request_adjust_tag};
	tally_Adjust *adjust = &request.body.adjust;
	const char *reason = asked_option(asked, "--reason");
	bool takes = asked_option(asked, "--take") != NULL;
	tally_OperationReply operation;
	char balance[FORMAT_SIZE];
	uint64_t points;
	int code;

	if (reason == NULL)
		return page_fail(page, "usage",
		    "goodwill wants --reason TEXT, which is kept for ever "
		    "(see: "
		    "tally help goodwill)");
	if (!verb_copy(page, "CARD", adjust->card, sizeof(adjust->card),
		asked->positionals[0]) ||
	    !verb_number(page, "POINTS", asked->positionals[1], 1, POINTS_MAX,
		&points) ||
	    !verb_copy(page, "--reason", adjust->reason, sizeof(adjust->reason),
		reason))
		return EXIT_FAILED;
	adjust->points = takes ? -(int64_t)points : (int64_t)points;
	code = ask_operation(asked, page, &request, &operation);
	if (code != EXIT_FINE)
		return code;
	format_count(operation.balance, balance);
	page_say(page, "%s. The balance is %s points (entry %llu).",
	    takes ? "Taken" : "Given", balance, entry_of(&operation));
	return EXIT_FINE;
}
