/*
 * till_kind: a table of all that can be asked: its name, what is kept of it,
 * and what holds of it while there is no answer.
 */
#include "client/till_inside.h"

/* Kinds of silence. */
static const char silent_hand[] =
    "No answer yet. Do not hand anything out: the server is asked until it "
    "answers.";
static const char silent_off[] =
    "No answer yet. Take nothing off the sale: the server is asked until it "
    "answers.";
static const char silent_ask[] =
    "No answer yet. The server is asked until it answers; do not enter this "
    "again.";
static const char away_points[] =
    "The server cannot be reached, and without it no points are moved. Try "
    "again later.";

/* `silent` is there for what gives something out. */
static const struct {
	const char *name;
	enum operation_kind kind; /* 0: no operation */
	const char *silent;
	const char *away;
} kinds[TILL_DO_COUNT] = {
    [TILL_DO_NONE] = {""},
    [TILL_DO_ENROL] = {"enrol", OPERATION_ENROL},
    [TILL_DO_BALANCE] = {"balance"},
    [TILL_DO_EARN] = {"earn", OPERATION_EARN},
    [TILL_DO_SALE] = {"sale", OPERATION_SALE},
    [TILL_DO_CLAIM] = {"claim", OPERATION_CLAIM},
    /* With the server away: within the owner's limit. */
    [TILL_DO_REDEEM] = {"redeem", OPERATION_REDEEM, silent_hand},
    [TILL_DO_HOLD] = {"hold", OPERATION_HOLD, silent_off,
	"The server cannot be reached, and without it no points can be held. "
	"Try again later."},
    [TILL_DO_CAPTURE] = {"capture", OPERATION_CAPTURE, silent_hand,
	"The server cannot be reached. The points are still held, but only "
	"for a while: try again, or let it be."},
    [TILL_DO_VOID] = {"void", OPERATION_VOID},
    [TILL_DO_RETURN] = {"return", OPERATION_RETURN, silent_ask,
	"The server cannot be reached. Take goods back when it is, or pay "
	"from the receipt and do this later."},
    [TILL_DO_TRANSFER] = {"transfer", OPERATION_TRANSFER, silent_ask,
	away_points},
    [TILL_DO_GOODWILL] = {"goodwill", OPERATION_GOODWILL, silent_ask,
	away_points},
    [TILL_DO_CARD_ADD] = {"card_add", OPERATION_CARD_ADD},
    [TILL_DO_CARD_BLOCK] = {"card_block", OPERATION_CARD_BLOCK},
    [TILL_DO_JOIN] = {"join", OPERATION_JOIN},
    [TILL_DO_LEAVE] = {"leave", OPERATION_LEAVE},
    [TILL_DO_MEMBER_SET] = {"member", OPERATION_MEMBER},
    [TILL_DO_HISTORY] = {"history"},
    [TILL_DO_REWARDS] = {"rewards"},
    [TILL_DO_LOGIN] = {"login"},
    [TILL_DO_LOGOUT] = {"logout"},
    [TILL_DO_CHECKPOINT] = {"checkpoint"},
    [TILL_DO_STATUS] = {"status"},
    [TILL_DO_PING] = {"ping"},
    [TILL_DO_MEMBER] = {"member"},
};

const char *till_do_name(enum till_do what)
{
	return (size_t)what < TILL_DO_COUNT ? kinds[what].name : "";
}

bool till_is_operation(enum till_do what)
{
	return kinds[what].kind != 0;
}

enum operation_kind till_kind_of(enum till_do what)
{
	return kinds[what].kind;
}

enum till_do till_do_of(enum operation_kind kind)
{
	for (int i = 0; i < TILL_DO_COUNT; i++)
		if (kinds[i].kind == kind)
			return (enum till_do)i;
	return TILL_DO_NONE;
}

bool till_gives_out(enum till_do what)
{
	return kinds[what].silent != NULL;
}

const char *till_away_say(enum till_do what)
{
	return kinds[what].away;
}

const char *till_silent_say(const struct till *till)
{
	enum till_do what = till->call.command.what;

	if (kinds[what].silent)
		return kinds[what].silent;
	return till->link == LINK_DOWN
		   ? "Saved. It is sent when the server can be reached again."
		   : "Saved. The server has not answered yet and is asked "
		     "until "
		     "it does.";
}
