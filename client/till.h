/*
 * till: what a till does, without sockets, terminals or a clock.
 * Above: desk (the poll loop), json and prompt (what people and programs
 * see). Below: outbox.
 *
 * Commands, the link's ups and downs, replies and times go in; requests to
 * send and results to show come out. One command is open at a time; the
 * operations that wait in the outbox are sent beside it, in the order in
 * which they were kept, at most TILL_IN_FLIGHT_MAX at once and never two of one
 * card, so that an enrolment is answered before the sale that follows it. (An
 * operation may be of two cards: a transfer, a new card, a join.)
 *
 * An operation stays in the outbox until the server has accepted it or has
 * refused it for good. Refusals that say "not now" (a cashier must log in, a
 * wrong PIN, too many at once, a full disk, a server that stops) keep it
 * there, and so does the refusal of a till that is shut out where an earlier
 * sending was not answered, for that may have counted. COUNTER_CONFLICT proves
 * that the operation is not in the ledger, for its name is another's there: it
 * gets a new name and is sent again. COUNTER_FORK stops the till: its folder is
 * a copy.
 *
 * A void names an operation of this till by its counter. One that was never
 * sent just leaves the outbox, on the disk first, and the server hears of
 * neither. One that may have been sent is not sent again: its void goes in its
 * place, and settles it (till_void.c).
 *
 * A second person's PIN and a member's private details are in memory alone.
 * What needs them is asked only while the link is up, one at a time. After a
 * restart the till asks by name whether a goodwill was done, and forgets
 * details that it does not know to be changed: they can be entered again.
 *
 * Times are monotonic milliseconds. One thread owns a till.
 */
#ifndef CLIENT_TILL_H
#define CLIENT_TILL_H

#include "client/outbox.h"
#include "proto/message.h"

#define TILL_IN_FLIGHT_MAX 16u	 /* operations sent and not answered */
#define TILL_ANSWER_MS 1500u	 /* a command waits this long for its answer */
#define TILL_LOGIN_MS 8000u	 /* a login this long: PINs are slow to check */
#define TILL_RETRY_MS_MIN 250u	 /* first pause after "not now" … */
#define TILL_RETRY_MS_MAX 10000u /* … which doubles up to this */
#define TILL_FACTS_MS 300000u	 /* rewards are asked for again after this */
#define TILL_SCANS_MAX 8u	 /* scans that wait for the open command */
#define TILL_PHONE_SIZE_MAX 32u	 /* bytes of a member's phone number */

enum till_do {
	TILL_DO_NONE, /* a line that names nothing known */
	TILL_DO_ENROL,
	TILL_DO_BALANCE,
	TILL_DO_EARN,
	TILL_DO_SALE,
	TILL_DO_CLAIM,
	TILL_DO_REDEEM,
	TILL_DO_HOLD,
	TILL_DO_CAPTURE,
	TILL_DO_VOID,
	TILL_DO_RETURN,
	TILL_DO_TRANSFER,
	TILL_DO_GOODWILL,
	TILL_DO_CARD_ADD,
	TILL_DO_CARD_BLOCK,
	TILL_DO_JOIN,
	TILL_DO_LEAVE,
	TILL_DO_MEMBER_SET,
	TILL_DO_HISTORY,
	TILL_DO_REWARDS,
	TILL_DO_LOGIN,
	TILL_DO_LOGOUT,
	TILL_DO_CHECKPOINT,
	TILL_DO_STATUS,
	TILL_DO_PING,
	TILL_DO_MEMBER, /* the look-up that follows a scan */
};
#define TILL_DO_COUNT 26

/* What is asked for. Fields that `what` does not use are zero or empty. */
struct till_command {
	enum till_do what;
	char id[OPERATION_ID_SIZE_MAX + 1]; /* JSON text, "" for none */
	char card[CARD_SIZE_MAX + 1];	    /* canonical (card.h) */
	char other_card[CARD_SIZE_MAX + 1]; /* as in struct operation */
	uint64_t amount_minor;
	uint64_t paid_minor; /* earn */
	int64_t points;	     /* redeem, hold, return, transfer, goodwill */
	char reward[REWARD_ID_SIZE_MAX + 1];
	char receipt[RECEIPT_SIZE_MAX + 1];
	char text[REASON_SIZE_MAX + 1]; /* goodwill, card_block: the reason;
					   member: a segment, or "": details */
	bool off;	    /* card_block: unblock; member: out of a segment */
	uint64_t entry;	    /* return, claim, capture, checkpoint */
	uint64_t operation; /* void: a counter */
	uint64_t before;    /* history */
	uint64_t old_size;  /* checkpoint */
	uint32_t cashier;   /* login */
	uint32_t second;    /* goodwill */
	char pin[PIN_SIZE_MAX + 1];   /* of the one or the other */
	char name[NAME_SIZE_MAX + 1]; /* member: details; likewise: */
	char phone[TILL_PHONE_SIZE_MAX + 1];
	uint32_t birthday; /* month and day, 228 is 28 February; 0 is none */
	uint16_t list_size;
	uint8_t list[LINES_SIZE_MAX]; /* earn, sale, return; as lists.h */
	uint64_t created_ms;	      /* wall time */
};

enum till_kind {
	TILL_ANSWER,  /* to the open command */
	TILL_SETTLED, /* an operation that was answered as saved or unknown, or
			 was kept by an earlier run, has its outcome now */
	TILL_MEMBER,  /* the look-up after a scan */
	TILL_LINK,    /* the link came up or is known to be down */
	TILL_RENUMBERED, /* an operation has another name: its counter was
			    `operation` and is `now` */
	TILL_STOPPED,	 /* COUNTER_FORK: this till must not go on */
};

enum till_end {
	TILL_DONE,    /* the server's answer, or the till's own */
	TILL_SAVED,   /* it counts and will be sent; nothing more to do */
	TILL_UNKNOWN, /* its outcome is not known: do not hand anything out */
	TILL_REFUSED, /* nothing changed */
};

enum till_link { LINK_TRYING, LINK_UP, LINK_DOWN };

/* What the till can say about itself. */
struct till_status {
	enum till_link link;
	size_t waiting;	   /* operations in the outbox */
	uint32_t cashier;  /* logged in, 0 is nobody */
	uint32_t terminal; /* as the server said, 0 before */
};

/*
 * A result to show; everything is borrowed for the call. `refusal.say` is the
 * sentence for the cashier wherever `end` is not TILL_DONE, and `why` its name
 * for programs: a refusal_name(), or one of the till's own: "server_away",
 * "unknown", "not_saved", "outbox_full", "outbox_broken", "secret_waits".
 */
struct till_result {
	enum till_kind kind;
	enum till_do what;
	enum till_end end;
	const char *id;	    /* "" for none */
	const char *card;   /* "" for none */
	uint64_t operation; /* its counter, 0 for none */
	uint64_t now;	    /* renumbered: its new counter */
	const char *why;    /* NULL where `end` is TILL_DONE */
	struct refusal refusal;
	bool cached; /* rewards: as last heard */
	bool unsent; /* void: what it undoes had never been sent; there is no
			`operation_reply` */

	/* At most one is set, where `end` is TILL_DONE. */
	const tally_OperationReply *operation_reply;
	const tally_MemberReply *member;
	const tally_HistoryReply *history;
	const tally_CheckpointReply *checkpoint;
	const tally_LoginReply *login;
	const tally_Pong *pong;
	const struct shop_facts *facts; /* rewards, status, link */
	struct till_status status;	/* status, link, login */
};

typedef void till_show_fn(void *context, const struct till_result *result);

struct till;

/* The outbox is borrowed. `show` is called from within the functions below
 * and must not call the till. RESULT_CORRUPT, RESULT_NO_MEMORY. */
enum result till_create(struct outbox *outbox, till_show_fn *show,
    void *context, struct till **ret_till, struct error *err);
void till_destroy(struct till *till);

/* Is there room for a command? False while one is open. */
bool till_is_ready(const struct till *till);
/* Only when ready (asserted). */
void till_command(
    struct till *till, const struct till_command *command, uint64_t now_ms);
/*
 * A card was scanned (canonical number): look its member up as soon as no
 * command is open. Passed over where the open command or a scan that waits
 * is about the same card, or where TILL_SCANS_MAX wait.
 */
void till_scan(struct till *till, const char *card, uint64_t now_ms);

/* The link: hello was answered; or refused; it was lost and is being tried
 * again; no attempt succeeds (`say`: a sentence, `why` as in a result). A till
 * that was revoked refuses every operation until hello is answered again. */
void till_link_up(
    struct till *till, const tally_HelloReply *hello, uint64_t now_ms);
void till_link_refused(
    struct till *till, const struct refusal *refusal, uint64_t now_ms);
void till_link_lost(struct till *till, uint64_t now_ms);
void till_link_down(
    struct till *till, const char *why, const char *say, uint64_t now_ms);

/* A reply came. One that answers nothing known is passed over. */
void till_reply(struct till *till, const tally_Reply *reply, uint64_t now_ms);

/* The next request to send, if there is one and the link is up. It counts as
 * sent. */
bool till_next_request(
    struct till *till, uint64_t now_ms, tally_Request *ret_request);

/* When till_time() wants to be called; UINT64_MAX is never. */
uint64_t till_deadline_ms(const struct till *till);
void till_time(struct till *till, uint64_t now_ms);

/* All that was shown has been told: it is written to whoever reads it. Call it
 * after each such writing, and before an end. What had its last word there
 * leaves the outbox; before that, an end of the till would leave it unsaid. */
void till_told(struct till *till, uint64_t now_ms);

/* Nothing is open and, as far as the link allows, nothing is under way: a
 * program that is asked to end may do so. */
bool till_is_idle(const struct till *till);
bool till_is_stopped(const struct till *till);
void till_status(const struct till *till, struct till_status *ret_status);
const struct shop_facts *till_facts(const struct till *till);

/* "enrol", "balance", …: the names of JSON lines. */
const char *till_do_name(enum till_do what);

#endif
