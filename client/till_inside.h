/*
 * till_inside: what the files till*.c share; for nobody else. A slot stands for
 * one operation of the outbox, a call for the one open command.
 */
#ifndef CLIENT_TILL_INSIDE_H
#define CLIENT_TILL_INSIDE_H

#include "client/till.h"

enum slot_state {
	SLOT_WAITING,  /* to be sent */
	SLOT_SENT,     /* under `request` */
	SLOT_LOGIN,    /* to be sent when a cashier has logged in */
	SLOT_ANSWERED, /* to be removed from the disk once that is told */
};

struct slot {
	uint64_t counter;
	uint64_t keys[2]; /* of its cards; 0: no such card */
	uint64_t request;
	enum operation_kind kind;
	enum slot_state state;
	bool new_ticket;    /* the ticket that it was kept with is of no use */
	bool own_ticket;    /* sent with the one that it was kept with */
	bool sent;	    /* once at least, as far as is known */
	bool in_doubt;	    /* and then not answered */
	bool refused;	    /* in SLOT_ANSWERED: how */
	bool hollow;	    /* its secret part went with an earlier run */
	uint64_t voids;	    /* counter of what it undoes; 0: nothing */
	uint64_t undone_by; /* counter of the void that waits for it, in whose
			       stead it is not sent; 0: none */
};

enum call_phase {
	CALL_LINK,   /* waits until the link is known to be up or down */
	CALL_ANSWER, /* waits for the server */
};

struct call {
	bool open;
	enum call_phase phase;
	struct till_command command;
	uint64_t deadline_ms;
	uint64_t request;	/* 0: not sent, or an operation */
	uint64_t counter;	/* of its operation; 0: none */
	struct refusal not_now; /* the last refusal that kept the operation */
};

/* What must not get onto the disk: of the one operation that has such a part
 * and waits. */
struct secret {
	uint64_t counter; /* whose; 0: nobody's */
	char pin[PIN_SIZE_MAX + 1];
	char name[NAME_SIZE_MAX + 1];
	char phone[TILL_PHONE_SIZE_MAX + 1];
	uint32_t birthday;
};

/* Rewards come in pages; they are put together before they are believed. */
struct fetch {
	bool wanted;
	uint64_t request; /* 0: the page `from` is to be asked for */
	uint32_t from;
	struct shop_facts facts;
};

struct till {
	struct outbox *outbox;
	till_show_fn *show;
	void *context;

	enum till_link link;
	enum till_link link_told;
	char down_why[40]; /* as told last */
	bool stopped;
	struct refusal barred; /* NONE: the server lets this till in */
	uint32_t terminal;

	struct call call;
	struct secret secret;
	char scans[TILL_SCANS_MAX][CARD_SIZE_MAX + 1];
	size_t scan_count;

	struct slot *slots; /* in the order in which they were kept */
	size_t slot_count;
	size_t slot_capacity;
	size_t in_flight;
	size_t answered;       /* slots in SLOT_ANSWERED */
	uint64_t remove_at_ms; /* not to be removed before; 0: at once */
	uint64_t retry_at_ms;  /* no operation is sent before */
	uint32_t retry_ms;     /* the last pause */

	uint64_t last_request;
	bool has_ticket;
	uint8_t ticket[OPERATION_TICKET_SIZE];
	uint32_t cashier;
	uint32_t cashier_asked; /* of the login that is open */

	struct shop_facts facts;
	uint64_t facts_due_ms;
	struct fetch fetch;
};

/* --- till.c: showing and ending ------------------------------------------- */

/* A result about the open command, with nothing else in it yet. */
struct till_result till_call_result(const struct till *till);
/* Show a result about the open command, and close it. */
void till_answer(struct till *till, struct till_result *result);
/* The same, refused by the till itself. */
__attribute__((format(printf, 3, 4))) void till_refuse(
    struct till *till, const char *why, const char *format, ...);
/* A sentence that is too long is cut. */
void till_say(struct till_result *result, const char *say);
void till_stop(struct till *till, const struct refusal *refusal);

/* --- till_kind.c: what each command is ------------------------------------ */

bool till_is_operation(enum till_do what);
enum operation_kind till_kind_of(enum till_do what);
enum till_do till_do_of(enum operation_kind kind);
/* Somebody walks away with something: without an answer it is not known whether
 * they may. */
bool till_gives_out(enum till_do what);
/* Why it is refused with the server away; NULL where it is saved. */
const char *till_away_say(enum till_do what);
/* What a cashier does while there is no answer. */
const char *till_silent_say(const struct till *till);

/* --- till_slot.c: one slot for each operation of the outbox --------------- */

enum result till_load_slots(struct till *till, struct error *err);
enum result till_reserve_slot(struct till *till, struct error *err);
/* Only after till_reserve_slot(). */
struct slot *till_add_slot(
    struct till *till, const struct operation *operation);
void till_drop_slot(struct till *till, struct slot *slot);
/* NULL where no operation with this counter waits; 0 is none. */
struct slot *till_find_slot(struct till *till, uint64_t counter);
/* Is it the open command's? */
bool till_slot_is_open(const struct till *till, const struct slot *slot);
/* Does an earlier operation of one of its cards wait for an answer? */
bool till_is_behind_its_card(const struct till *till, size_t place);
/* What was sent is not answered any more. */
void till_unsend_operations(struct till *till);
/* A cashier has logged in, or none is needed. */
void till_release_operations(struct till *till);
/* Operations that would be sent or are: those that a login would free do not
 * count. */
bool till_has_work(const struct till *till);

/* --- till_operation.c: beginning and leaving ------------------------------ */

/* The open command is an operation and the link is known: keep it and wait
 * for the answer, keep it and answer, or refuse it. */
void till_begin_operation(struct till *till, uint64_t now_ms);
/* The open operation got no answer in time, or the link is down. */
void till_leave_operation(struct till *till);

/* --- till_send.c ---------------------------------------------------------- */

bool till_next_operation(
    struct till *till, uint64_t now_ms, tally_Request *ret_request);
/* Each time in a row for twice as long. */
void till_pause_sending(struct till *till, uint64_t now_ms);

/* --- till_answer.c: what the server says to operations -------------------- */

/* True where the reply was an operation's. */
bool till_operation_reply(
    struct till *till, const tally_Reply *reply, uint64_t now_ms);
/* The last word on a slot, from whomever: show `result` (about the open
 * command or, with its kind and name filled in here, as settled), and let the
 * operation go once that is told. */
void till_settle(
    struct till *till, struct slot *slot, struct till_result *result);

/* --- till_void.c ---------------------------------------------------------- */

/* The open command is a void. True: nothing is against it, so keep it. False:
 * it was refused, or is done already. */
bool till_allow_void(struct till *till);
/* A slot was added, or is about to get another counter: tie a void to what it
 * undoes. */
void till_tie_void(struct till *till, struct slot *slot, uint64_t counter);
/* Keep a void of what waits as `counter`, which nobody asked for. False: it
 * cannot be kept now. */
bool till_begin_undoing(struct till *till, uint64_t counter);
/* A void has its last word: the same holds for what it undoes. */
void till_settle_original(
    struct till *till, const struct slot *slot, enum refusal_code code);
/* What is being undone has another's name: it is undone with that. */
void till_settle_conflict(struct till *till, struct slot *slot);

/* --- till_secret.c -------------------------------------------------------- */

/* Is there room for the open command's secret? False: refused. */
bool till_allow_secret(struct till *till);
/* The open command was kept as `counter`. */
void till_keep_secret(struct till *till, uint64_t counter);
void till_forget_secret(struct till *till, uint64_t counter);
/* NULL where there is none of it. */
const struct secret *till_secret_of(const struct till *till, uint64_t counter);
/* Details that an earlier run knew: the slot has its last word, which is that
 * nobody knows. */
void till_give_up_details(struct till *till, struct slot *slot);
/* A goodwill whose PIN is forgotten is not done so far: see to it that it never
 * is. The slot may have moved. */
void till_take_hollow(struct till *till, struct slot *slot,
    enum refusal_code code, uint64_t now_ms);

/* --- till_fill.c ---------------------------------------------------------- */

/* `ticket` and `secret` may be NULL; the rest of the request is zero. */
void till_fill_operation(const struct operation *operation,
    const uint8_t *ticket, const struct secret *secret, tally_Request *request);

/* --- till_request.c: everything else that is asked ------------------------ */

/* The open command is no operation and the link is known. */
void till_begin_request(struct till *till);
/* It got no answer in time, or the link is down. */
void till_leave_request(struct till *till);
bool till_request_reply(
    struct till *till, const tally_Reply *reply, uint64_t now_ms);
void till_unsend_requests(struct till *till);
bool till_next_call(struct till *till, tally_Request *ret_request);

#endif
