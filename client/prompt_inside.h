/*
 * prompt_inside: what the files prompt*.c share; for nobody else.
 */
#ifndef CLIENT_PROMPT_INSIDE_H
#define CLIENT_PROMPT_INSIDE_H

#include "client/prompt.h"

#define PROMPT_WORDS_MAX 4

/* A line and its words. What has more words than PROMPT_WORDS_MAX is cut up no
 * further: `count` is then one more. */
struct words {
	char whole[160];
	char text[160]; /* the same with a NUL after each word */
	char *word[PROMPT_WORDS_MAX + 1];
	size_t at[PROMPT_WORDS_MAX + 1]; /* where in it they start */
	int count;
};

/* A line that is being understood. */
struct typed {
	struct prompt *prompt;
	const struct shop_facts *facts;
	struct words words;
	struct till_command *command; /* all zero */
	struct buffer *output;
};

/* --- prompt_word.c -------------------------------------------------------- */

/* False: too long for anything known here, or no text. */
bool prompt_split(struct bytes line, struct words *ret_words);
/* From word `place` on, without blanks at its end; "" where there is none. */
const char *prompt_rest(struct words *words, int place);
/* Is it meant as an amount: digits, with one '.' or ','? A sign counts, so
 * that a negative amount is told from a word. */
bool prompt_looks_like_amount(const char *text);
/* 1 … max, in digits alone. */
bool prompt_number(const char *text, uint64_t max, uint64_t *ret_number);
bool prompt_is_id(const char *text);

/* A sentence on a line of its own. Always PROMPT_NOTHING. */
enum prompt_next prompt_say(const struct typed *typed, const char *text);
/* False: the reason was said. */
bool prompt_take_amount(
    const struct typed *typed, const char *text, uint64_t *ret_minor);
bool prompt_take_card(
    const struct typed *typed, const char *text, char ret_card[]);
bool prompt_take_receipt(
    const struct typed *typed, const char *text, char ret_receipt[]);
/* The command is about the customer, or there is none and that was said. */
enum prompt_next prompt_ask(const struct typed *typed, enum till_do what);

/* --- prompt_sale.c and prompt_people.c: one function a word --------------- */

enum prompt_next prompt_amount(struct typed *typed); /* 12.50 */
enum prompt_next prompt_sale(struct typed *typed);
enum prompt_next prompt_claim(struct typed *typed);
enum prompt_next prompt_return(struct typed *typed);
enum prompt_next prompt_redeem(struct typed *typed);
enum prompt_next prompt_hold(struct typed *typed);
enum prompt_next prompt_capture(struct typed *typed);
enum prompt_next prompt_void(struct typed *typed);

enum prompt_next prompt_new(struct typed *typed);
enum prompt_next prompt_goodwill(struct typed *typed);
/* What was typed as the last goodwill. */
enum prompt_next prompt_ask_goodwill(struct typed *typed);
enum prompt_next prompt_second(struct typed *typed);
enum prompt_next prompt_transfer(struct typed *typed);
enum prompt_next prompt_card(struct typed *typed);
enum prompt_next prompt_block(struct typed *typed);
enum prompt_next prompt_unblock(struct typed *typed);
enum prompt_next prompt_join(struct typed *typed);
enum prompt_next prompt_leave(struct typed *typed);

/* --- writing: prompt_write.c, prompt_operation.c -------------------------- */

__attribute__((format(printf, 2, 3))) void prompt_write(
    struct buffer *output, const char *format, ...);
/* "112 points", "1 point". */
const char *prompt_points_word(int64_t points);
/* What can be spent, then what is pending; less than nothing is a debt. */
struct prompt_points {
	int64_t balance;
	uint64_t spendable;
	uint64_t pending;
};
void prompt_write_points(struct buffer *output, struct prompt_points points);
/* "12.50" */
void prompt_write_amount(struct buffer *output, uint64_t minor);
/* This card's holder is the customer now; "" is nobody. */
void prompt_choose(struct prompt *prompt, const char *card);
/* An operation is done. */
void prompt_write_operation(const struct prompt *prompt,
    const struct till_result *result, const struct shop_facts *facts,
    struct buffer *output);
/* An operation is saved, unknown or refused. */
void prompt_write_undone(const struct prompt *prompt,
    const struct till_result *result, struct buffer *output);
/* What the till remembers of an operation's answer. */
void prompt_remember(struct prompt *prompt, const struct till_result *result);

#endif
