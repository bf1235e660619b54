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
	REFUSAL_LINES_INVALID = 26, /* they do not make up the amount, are too
				       many, or are not of this sale */
	REFUSAL_REWARD_CLOSED = 27, /* not on this day, or not for this tier */
	REFUSAL_REWARD_SOLD_OUT = 28,
	REFUSAL_REWARD_LIMIT = 29,   /* the member has had as many as allowed;
					required: the limit */
	REFUSAL_POINTS_INVALID = 30, /* not a number of points that this takes;
				       required: the least or the step */
	REFUSAL_HOLD_UNKNOWN = 31,   /* no such hold, or its time is over */
	REFUSAL_VOIDED = 32,	     /* undone before it came, or already */
	REFUSAL_NOT_VOIDABLE = 33,   /* do the opposite instead */
	REFUSAL_CLAIMED = 34,	     /* this sale has its points already */
	REFUSAL_CLAIM_LATE = 35,     /* or claims are not in the programme */
	REFUSAL_RECEIPT_WRONG = 36,  /* not that sale's receipt */
	REFUSAL_CARD_BLOCKED = 37,
	REFUSAL_OWN_CARD = 38,	      /* a cashier's own membership */
	REFUSAL_CEILING = 39,	      /* available: what is left today */
	REFUSAL_SECOND_REQUIRED = 40, /* a second person's PIN; available: what
					 one may still give alone */
	REFUSAL_REASON_REQUIRED = 41,
	REFUSAL_SAME_MEMBER = 42,
	REFUSAL_DEBT = 43,	  /* it must be paid off first; required */
	REFUSAL_JOINED = 44,	  /* it pools already, or others do with it */
	REFUSAL_NOTHING_DUE = 45, /* the nightly run's: nothing to be done */
	REFUSAL_SALES_LIMIT = 46, /* sales of one member on one day */
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

	uint64_t account;	/* the member's, as the card says (the law sees
				   to pools); return: the sale's member, or 0;
				   sale: 0 */
	uint64_t other_account; /* transfer: who gets; join: whom with */
	uint64_t amount_minor;	/* earn, sale, return; redeem and hold of a
				   reward off the sale: the sale's */
	uint64_t paid_minor;	/* earn: of the amount, paid with points */
	uint64_t points;	/* redeem, hold of points as money; transfer,
				   adjust; return of a redemption */
	bool takes;		/* adjust: take points instead of giving */
	int32_t expiry_day;	/* adjust by the owner, giving: the last day of
				   these points, active at once; 0 is by the
				   programme */
	struct bytes lines;	/* earn, sale: sold; a list or empty */
	struct bytes backs;	/* return: lines that come back; likewise */
	uint64_t sold_ms;	/* earn, sale: when, as the till says; 0 now */
	struct bytes reward;	/* redeem, hold: its id; empty in a capture */
	struct bytes receipt;	/* earn, sale, redeem, hold, return; may be
				   empty; earn with a related sale: as printed */
	const struct entry *related; /* read back, NULL where there is none:
				    return: the earning or redemption; void: the
				    operation undone; earn: the sale claimed;
				    redeem: the hold captured; leave: the join;
				    bonus: the first sale of who was brought */
	bool wants_related;	 /* it names one, whether it is there or not */
	uint64_t voided_counter; /* void */
	uint32_t second;	 /* adjust: a second person, PIN checked */
	struct bytes reason;	 /* adjust; card, may be empty there */
	uint64_t card;		 /* card: its random number in the chain */
	struct bytes segment;	 /* member: its id */
	uint64_t referrer;	 /* enrol: an account, or 0 */
	bool is_birthday;	 /* earn: FACT_BIRTHDAY, from private details */
	uint64_t draw_size;	 /* earn: newest checkpoint; 0 is none */
	struct hash draw_root;
	struct hash commitment; /* enrol, cashier, card, member */
	struct hash key;	/* shop, terminal */
	struct bytes text;	/* shop: origin; programme: text */
	struct bytes shop;	/* terminal: its shop's id, may be empty */
	uint32_t subject;	/* terminal, cashier, staff */
	enum role role;		/* terminal, cashier; may be ROLE_NONE where
				   one is revoked */
	enum standing standing; /* terminal, cashier; card: revoked is blocked,
				   lost or replaced; member: a segment's */
};

/* Either a refusal (code not NONE), or one entry, complete but for
 * `previous`, which the ledger knows. The entry's views borrow from the
 * command, from what that borrows from, and from the lists here. */
struct decision {
	struct refusal refusal;
	struct entry entry;
	uint8_t parts[PARTS_SIZE_MAX];
	uint8_t lots[LOTS_SIZE_MAX];
};

/*
 * Decide. The owner's operations (shop, programme, terminal, cashier) are asked
 * by terminal 0, whose counter is the book's server_counter + 1; members' ones
 * by an active terminal of role terminal, whose counter may be below its
 * highest (it is sent again; that it is new is for the ledger to look up).
 *
 * What the night does (expire, tier, notice, bonus) and staff are the owner's
 * operations too; adjust, card, member, join and leave may be either's. A join,
 * a leave and a card's or segment's change at a till want a supervisor where
 * there are cashiers, and adjust always wants a cashier there; the owner has no
 * ceiling.
 *
 * The entry's time is the later of `now_ms` and the head's. from_ and
 * to_previous_sequence are the member's last entry; the programme's own
 * accounts have 0 there, and so has who is enrolled. programme_sequence is the
 * version in force for everything that concerns points, and 0 elsewhere (kinds
 * 1 to 5, card, member, staff); a return is computed by the version of its
 * sale. Points move of the account that the member pools with. An earn may move
 * 0 points. A terminal or cashier that is revoked keeps the role that the book
 * knows, and says no key; one that is there already may be admitted again,
 * which renews it.
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

/*
 * Is this earning without a draw where, had a checkpoint been given, one would
 * have been made? Lawful, for there may have been none yet; `related` as above.
 */
bool law_lacks_draw(const struct book *book, const struct entry *entry,
    const struct entry *related);

/*
 * Does `entry` answer the same command (idempotency)? Compares what the client
 * said, as far as the entry keeps it: kind, member or one that it pools with,
 * amount, lines, points, reward, receipt, reason, sale, what is undone; for the
 * owner's, text, key and subject. Random is in; left out are the cashier, what
 * the server draws anew or looks up (salts, a card's number, a draw, a
 * birthday), and the sale that a reward was taken off.
 */
bool law_same_operation(const struct book *book, const struct entry *entry,
    const struct command *command);

/*
 * What the night has to do for this member at `now_ms`: fills in `ret_command`
 * (terminal, counter and random are the asker's) and returns true, or returns
 * false where nothing is left. To be decided and applied, and asked again: each
 * step brings it closer, and what is done once is not due again. In this order:
 * tiers that have run out (as often as nights were missed), points past their
 * last day (not beside a live hold), a notice of points that lapse within
 * warn_days, a bonus for a referral.
 */
bool law_due(const struct book *book, const struct book_member *member,
    uint64_t now_ms, struct command *ret_command);

/* The tier that a member has on `day`, also where nights were missed. 0 is the
 * ground floor. */
uint8_t law_tier(const struct book *book, const struct programme *programme,
    const struct book_member *member, int32_t day);

/* When the law takes an earn or a sale to have been sold, were it decided at
 * `now_ms`: as the till says, unless it says nothing, or what the programme in
 * force would not listen to; of a claim, when the sale was. */
uint64_t law_sold_ms(
    const struct book *book, const struct command *command, uint64_t now_ms);

/* Is `day` near the birthday (month, day of month)? What FACT_BIRTHDAY says. */
bool law_is_birthday(const struct programme *programme, unsigned month,
    unsigned day_of_month, int32_t day);

/* What a member can spend now, in the programme in force, of its pool. */
uint64_t law_spendable_points(
    const struct book *book, const struct book_member *member, uint64_t now_ms);

/* "insufficient_points", …: the names of JSON lines and logs. */
const char *refusal_name(enum refusal_code code);

#endif
