/*
 * verbs: what tally can be asked for, and how each is carried out.
 *
 * The table is in table.c and reads as the manual, for it is printed as one.
 */
#ifndef SERVER_TALLY_VERBS_H
#define SERVER_TALLY_VERBS_H

#include "server/tally/call.h"
#include "server/tally/print.h"

#define OPTIONS_MAX 64u /* given with one verb; more is refused */
#define POSITIONALS_MAX 2u

struct option_rule {
	const char *name;  /* "--role" */
	const char *value; /* "till|auditor"; NULL for one without a value */
	bool is_many;	   /* may be given again */
	const char *says;
	bool is_required; /* only shown here; the verb itself asks for it */
};

struct asked;

struct verb {
	const char *name;		   /* "terminal add" */
	const char *takes;		   /* "NAME": each word must be given */
	const char *says;		   /* one line */
	const struct option_rule *options; /* ended by a NULL name; or NULL */
	const char *manual;		   /* paragraphs; or NULL */
	int (*run)(const struct asked *asked, struct page *page);
};

struct given_option {
	const char *name;
	const char *value;
};

/* A command line, understood. Everything borrows from it. */
struct asked {
	const struct verb *verb;
	const char *shop; /* NULL: nobody said */
	bool is_json;
	const char *positionals[POSITIONALS_MAX];
	size_t positional_count;
	struct given_option options[OPTIONS_MAX];
	size_t option_count;
};

/* NULL where it was not given. */
const char *asked_option(const struct asked *asked, const char *name);

extern const struct verb verbs[];
extern const size_t verb_count;

/* --- what the verbs share ------------------------------------------------- */

/* The shop's folder: -s, else TALLY_SHOP, else the current one. */
const char *verb_shop(const struct asked *asked);

/*
 * Open the shop; ask; close it. Each returns an exit code and has said why
 * where it is not EXIT_FINE. verb_ask() refuses a reply with any body but
 * `wanted`. verb_close() takes the code so far and returns the program's.
 */
int verb_open(
    const struct asked *asked, struct page *page, struct call **ret_call);
int verb_ask(struct page *page, struct call *call, tally_Request *request,
    pb_size_t wanted, tally_Reply *ret_reply);
int verb_close(struct page *page, struct call *call, int code);
/* All three, for one request. */
int verb_once(const struct asked *asked, struct page *page,
    tally_Request *request, pb_size_t wanted, tally_Reply *ret_reply);

/* Copy what was typed into a message's field of `size` bytes. False: too long,
 * and it has been said; `what` names it. */
bool verb_copy(struct page *page, const char *what, char *to, size_t size,
    const char *from);
/* A whole number from `least` to `most`. False as above. */
bool verb_number(struct page *page, const char *what, const char *text,
    uint64_t least, uint64_t most, uint64_t *ret_number);

/* Read a PIN: `given` where it is not NULL, else twice from the terminal
 * without showing it, else a line of standard input. False as above. */
bool verb_pin(struct page *page, const char *given, char *to, size_t size);

int run_terminal_add(const struct asked *asked, struct page *page);
int run_terminal_list(const struct asked *asked, struct page *page);
int run_terminal_revoke(const struct asked *asked, struct page *page);
int run_cashier_add(const struct asked *asked, struct page *page);
int run_cashier_list(const struct asked *asked, struct page *page);
int run_cashier_card(const struct asked *asked, struct page *page);
int run_member_show(const struct asked *asked, struct page *page);
int run_member_set(const struct asked *asked, struct page *page);
int run_member_join(const struct asked *asked, struct page *page);
int run_member_leave(const struct asked *asked, struct page *page);
int run_card_add(const struct asked *asked, struct page *page);
int run_card_block(const struct asked *asked, struct page *page);
int run_card_unblock(const struct asked *asked, struct page *page);
int run_goodwill(const struct asked *asked, struct page *page);
int run_import(const struct asked *asked, struct page *page);
int run_night(const struct asked *asked, struct page *page);
int run_reward_add(const struct asked *asked, struct page *page);
int run_reward_list(const struct asked *asked, struct page *page);
int run_programme_show(const struct asked *asked, struct page *page);
int run_programme_check(const struct asked *asked, struct page *page);
int run_programme_put(const struct asked *asked, struct page *page);
int run_programme_explain(const struct asked *asked, struct page *page);
int run_programme_simulate(const struct asked *asked, struct page *page);
int run_ledger_show(const struct asked *asked, struct page *page);
int run_checkpoint(const struct asked *asked, struct page *page);
int run_audit(const struct asked *asked, struct page *page);
int run_enrol(const struct asked *asked, struct page *page);

#endif
