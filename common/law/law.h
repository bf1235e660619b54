/*
 * law: what the programme allows. Pure functions of (book, command, time).
 *
 * The server runs law_decide(), appends, and book_apply(). The auditor runs
 * law_check() and book_apply() over the whole ledger: law_check() makes the
 * command again from the entry, decides it in the same state, and compares
 * every field, so the auditor's verdict and the server's decision are the same
 * code.
 */
#ifndef COMMON_LAW_LAW_H
#define COMMON_LAW_LAW_H

#include "common/law/book.h"

/* Why an operation is refused. The numbers go over the wire; never reuse. */
enum refusal_code {
	REFUSAL_NONE = 0,
	REFUSAL_MALFORMED = 1,	 /* the request breaks the protocol */
	REFUSAL_NOT_ALLOWED = 2, /* this role may not do this */
	REFUSAL_TERMINAL_UNKNOWN = 3,
	REFUSAL_TERMINAL_REVOKED = 4,
	REFUSAL_CASHIER_REQUIRED = 5, /* log in with a PIN first */
	REFUSAL_CASHIER_UNKNOWN = 6,
	REFUSAL_PIN_WRONG = 7,	     /* figures: left */
	REFUSAL_PIN_LOCKED = 8,	     /* figures: wait_ms */
	REFUSAL_CARD_INVALID = 9,    /* say: the card's fault */
	REFUSAL_CARD_UNKNOWN = 10,   /* enrol it first */
	REFUSAL_CARD_ENROLLED = 11,  /* it belongs to a member already */
	REFUSAL_AMOUNT_INVALID = 12, /* zero or absurd; figures: required is
					the largest allowed */
	REFUSAL_REWARD_UNKNOWN = 13,
	REFUSAL_INSUFFICIENT_POINTS = 14, /* required, available, missing */
	REFUSAL_SALE_UNKNOWN = 15,	  /* no earning has this sequence */
	REFUSAL_RETURN_TOO_LARGE = 16,	  /* required, available (amounts) */
	REFUSAL_COUNTER_CONFLICT = 17,	  /* the name was used for another
					     operation: an alarm */
	REFUSAL_COUNTER_FORK = 18,	  /* this till's folder is a copy or was
					     restored: an alarm */
	REFUSAL_TOKEN_INVALID = 19,	  /* wrong, used or expired */
	REFUSAL_LIMIT = 20,	 /* a limit of the programme's accounts */
	REFUSAL_OVERLOADED = 21, /* too many at once: try again */
	REFUSAL_STORAGE = 22,	 /* nothing was written: try again */
	REFUSAL_NOT_FOUND = 23,
	REFUSAL_EXISTS = 24,
	REFUSAL_SHUTTING_DOWN = 25,
};

struct refusal {
	enum refusal_code code;
	uint64_t required;
	int64_t available;
	uint64_t missing;
	uint64_t wait_ms;
	uint32_t left;
	char say[SAY_SIZE_MAX + 1]; /* a sentence for the cashier, UTF-8 */
};

/*
 * A command: what is asked, with everything that is known before the book is
 * looked at. `kind` is the kind of entry that it would lead to. Views are
 * borrowed. Fields that a kind does not use are zero.
 */
struct command {
	enum entry_kind kind;
	uint32_t terminal; /* who asks; 0 is the server or the owner's socket */
	uint64_t counter;
	uint32_t cashier;
	uint8_t random[ENTRY_RANDOM_SIZE];

	uint64_t account;	  /* enrol, earn, redeem: the member's;
				     return: the sale's member, or 0 */
	uint64_t amount_minor;	  /* earn, return */
	struct bytes reward;	  /* redeem: its id */
	struct bytes receipt;	  /* earn, redeem, return; may be empty */
	const struct entry *sale; /* return: the earning, read back; NULL where
				     there is no such entry */
	struct hash commitment;	  /* enrol, cashier */
	struct hash key;	  /* shop, terminal */
	struct bytes text;	  /* shop: origin; programme: text */
	uint32_t subject;	  /* terminal, cashier */
	enum role role;		  /* terminal, cashier; may be ROLE_NONE where
				     one is revoked */
	enum standing standing;	  /* terminal, cashier */
};

/* Either a refusal (code not NONE), or one entry, complete but for
 * `previous`, which the ledger knows. The entry's views borrow from the
 * command. */
struct decision {
	struct refusal refusal;
	struct entry entry;
};

/*
 * Decide. The owner's operations (shop, programme, terminal, cashier) are asked
 * by terminal 0, whose counter is the book's server_counter + 1; members' ones
 * by an active terminal of role terminal, whose counter may be below its
 * highest (it is sent again; that it is new is for the ledger to look up).
 *
 * The entry's time is the later of `now_ms` and the head's. from_ and
 * to_previous_sequence are the member's last entry; the programme's own
 * accounts have 0 there, and so has who is enrolled. programme_sequence is the
 * version in force for earn, redeem and return, and 0 elsewhere; a return is
 * computed by the version of its sale. An earn may move 0 points. A terminal or
 * cashier that is revoked keeps the role that the book knows, and says no key;
 * one that is there already may be admitted again, which renews it.
 *
 * Never fails and changes nothing. The order of the questions is fixed
 * (who asks, then whether the thing is well-formed, then the account, then the
 * points), so that the same request always gets the same refusal.
 */
void law_decide(const struct book *book, const struct command *command,
    uint64_t now_ms, struct decision *ret_decision);

/*
 * Is this recorded entry lawful as the next one? `related` is the entry that
 * related_sequence names, or NULL. RESULT_OK, or RESULT_INVALID with the field
 * and both values named in `err`. `previous` is not law: the chain is checked
 * by whoever holds the hashes.
 */
enum result law_check(const struct book *book, const struct entry *entry,
    const struct entry *related, struct error *err);

/* Does `entry` answer the same command (idempotency)? Compares what the
 * client said: kind, account, amount, reward, receipt, sale; for the owner's,
 * text, key and subject. Random is in; the cashier is left out, and so is an
 * enrolment's commitment, for its salt is drawn anew. */
bool law_same_operation(
    const struct entry *entry, const struct command *command);

/* "insufficient_points", …: the names of JSON lines and logs. */
const char *refusal_name(enum refusal_code code);

#endif
