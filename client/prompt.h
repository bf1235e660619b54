/*
 * prompt: the till for a person: short lines in, short sentences out.
 * Above: desk. Below: till's commands and results.
 *
 *     2912345678906       (or a scan) choose the customer, see the balance
 *     12.50               a sale: points for the customer
 *     redeem coffee       (r coffee) points for a reward
 *     return 57 5.00      goods of sale 57 come back
 *     new                 enrol the card that was just scanned
 *     history  rewards  login 3  logout  status  help  quit
 *
 * Card numbers are shown masked. Pure: text in, text out.
 */
#ifndef CLIENT_PROMPT_H
#define CLIENT_PROMPT_H

#include "client/reader.h"
#include "client/till.h"

struct prompt {
	char card[CARD_SIZE_MAX + 1];	  /* the customer, "" for none */
	char new_card[CARD_SIZE_MAX + 1]; /* what `new` would enrol */
	uint32_t login;			  /* whose PIN is asked for, 0 none */
	uint64_t amount_minor;		  /* of the last sale or return */
	char reward[REWARD_ID_SIZE_MAX + 1]; /* of the last redemption */
};

enum prompt_next {
	PROMPT_NOTHING, /* whatever there is to say was appended */
	PROMPT_COMMAND, /* `ret_command` is asked for */
	PROMPT_PIN,	/* the next line is a PIN: do not echo it */
	PROMPT_QUIT,
};

/* Take a line (all zero is a fresh prompt). */
enum prompt_next prompt_line(struct prompt *prompt, struct bytes line,
    struct till_command *ret_command, struct buffer *output);

/* Append what a result means to the cashier. `facts` are the shop's. */
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
