/*
 * prompt: the till for a person: short lines in, short sentences out.
 * Above: desk. Below: till's commands and results.
 *
 *     2912345678906        (or a scan) choose the customer, see the points
 *     new                  enrol the card that was just scanned
 *     12.50                a sale: points for the customer
 *     sale 12.50 A-18      a sale without a card; claim 58 A-18 later
 *     return 57 5.00       goods of sale 57 come back; return 60: a reward
 *     redeem coffee        (r coffee) points for a reward; cash 200 12.50
 *     hold coffee          keep the points; then capture, or void
 *     void                 undo what was entered last
 *     goodwill 20 REASON   transfer CARD 50
 *     card CARD  block REASON  unblock  join CARD  leave
 *     history  balance  rewards  login 3  logout  status  help  quit
 *
 * What a redemption takes off the sale is remembered for the customer's next
 * sale, as the part of it that is paid with points.
 *
 * Card numbers are shown masked. Pure: text in, text out, a sentence a line
 * however long; desk breaks them to the terminal's width with wrap_lines().
 */
#ifndef CLIENT_PROMPT_H
#define CLIENT_PROMPT_H

#include "client/reader.h"
#include "client/till.h"

struct prompt {
	char card[CARD_SIZE_MAX + 1];	  /* the customer, "" for none */
	char new_card[CARD_SIZE_MAX + 1]; /* what `new` would enrol */
	uint32_t login;			  /* whose PIN is asked for, 0 none */
	bool second; /* it is asked for beside the last goodwill */

	/* Of what was asked last, for its answer: */
	uint64_t amount_minor;
	uint64_t paid_minor;
	char reward[REWARD_ID_SIZE_MAX + 1];
	char receipt[RECEIPT_SIZE_MAX + 1];
	char other_card[CARD_SIZE_MAX + 1];
	bool off;

	/* Of the customer, and gone with a change of customer: */
	uint64_t off_minor;	 /* to be paid with points in the next sale */
	uint64_t hold;		 /* the last one; 0 none */
	uint64_t operation;	 /* what was entered last; 0 nothing */
	uint64_t before;	 /* and before that; 0 nothing */
	uint64_t voiding;	 /* what a `void` under way undoes */
	bool is_undone;		 /* `operation` has been */
	int64_t goodwill_points; /* of the last goodwill; 0 none */
	char goodwill_reason[REASON_SIZE_MAX + 1];
};

enum prompt_next {
	PROMPT_NOTHING, /* whatever there is to say was appended */
	PROMPT_COMMAND, /* `ret_command` is asked for */
	PROMPT_PIN,	/* the next line is a PIN: do not echo it */
	PROMPT_QUIT,
};

/* Take a line (all zero is a fresh prompt). `facts` are the shop's: what a
 * reward is decides what has to be said with it. */
enum prompt_next prompt_line(struct prompt *prompt, struct bytes line,
    const struct shop_facts *facts, struct till_command *ret_command,
    struct buffer *output);

/* Append what a result means to the cashier. */
void prompt_append_result(struct prompt *prompt,
    const struct till_result *result, const struct shop_facts *facts,
    struct buffer *output);
/* Append what the scanner said; a card that was read says nothing yet. After
 * a scan that is no card nobody is the customer: the next sale must not go to
 * the one before. */
void prompt_append_scan(struct prompt *prompt,
    const struct card_reader_event *event, struct buffer *output);
/* "29…8906> ", what stands before the cursor on a terminal. */
void prompt_append_mark(const struct prompt *prompt, struct buffer *output);
/* The last words, with operations waiting. */
void prompt_append_end(struct buffer *output, size_t waiting);

#endif
