/*
 * till_inside: what till.c, till_operation.c, till_answer.c and till_request.c
 * share; for nobody else. A slot stands for one operation of the outbox, a call
 * for the one open command.
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
	uint64_t key; /* of its card; 0 where its order does not matter */
	uint64_t request;
	enum entry_kind kind;
	enum slot_state state;
	bool new_ticket; /* the ticket that it was kept with is of no use */
	bool own_ticket; /* sent with the one that it was kept with */
	bool in_doubt;	 /* sent before, as far as is known, and not answered */
	bool refused;	 /* in SLOT_ANSWERED: how */
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

/* --- till_operation.c: operations ----------------------------------------- */

bool till_is_operation(enum till_do what);
enum result till_load_slots(struct till *till, struct error *err);
/* The open command is an operation and the link is known: keep it and wait
 * for the answer, keep it and answer, or refuse it. */
void till_begin_operation(struct till *till, uint64_t now_ms);
/* The open operation got no answer in time, or the link is down. */
void till_leave_operation(struct till *till);
/* What was sent is not answered any more. */
void till_unsend_operations(struct till *till);
/* A cashier has logged in, or none is needed. */
void till_release_operations(struct till *till);
bool till_next_operation(
    struct till *till, uint64_t now_ms, tally_Request *ret_request);
/* Operations that would be sent or are: those that a login would free do not
 * count. */
bool till_has_work(const struct till *till);
enum till_do till_do_of(enum entry_kind kind);
/* Is it the open command's? */
bool till_slot_is_open(const struct till *till, const struct slot *slot);
void till_drop_slot(struct till *till, struct slot *slot);
/* Each time in a row for twice as long. */
void till_pause_sending(struct till *till, uint64_t now_ms);

/* --- till_answer.c: what the server says to operations -------------------- */

/* True where the reply was an operation's. */
bool till_operation_reply(
    struct till *till, const tally_Reply *reply, uint64_t now_ms);

/* --- till_fill.c ---------------------------------------------------------- */

/* `ticket` may be NULL; the rest of the request is zero. */
void till_fill_operation(const struct operation *operation,
    const uint8_t *ticket, tally_Request *request);

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
