/*
 * command_inside: what the files of the command room share.
 */
#ifndef SERVER_COMMAND_INSIDE_H
#define SERVER_COMMAND_INSIDE_H

#include "server/command.h"

/* One request being carried out. */
struct asking {
	struct shop *shop;
	struct job *job;
	const tally_Request *request; /* of the job */
	tally_Reply *reply;	      /* of the job */
	uint64_t now_ms;
};

/* Each stages its part and fills in the reply; an error is the ledger's. */
typedef enum result command_fn(struct asking *asking, struct error *err);

command_fn command_hello;
command_fn command_enrol_terminal;
command_fn command_login;
command_fn command_ping;
command_fn command_rewards;
command_fn command_checkpoint;

command_fn command_enrol;
command_fn command_earn;
command_fn command_redeem;
command_fn command_return;
command_fn command_member;
command_fn command_history;
command_fn command_member_show;

command_fn command_terminal_add;
command_fn command_terminal_list;
command_fn command_terminal_revoke;
command_fn command_cashier_add;
command_fn command_cashier_list;
command_fn command_reward_add;
command_fn command_ledger_show;
command_fn command_programme_put;

/* Is this role allowed to ask for this at all? */
bool command_is_for(const tally_Request *request, enum role role);

/* A programme has been decided on, and that is durable: take the text away that
 * was left for it. */
void command_programme_done(struct shop *shop);

/* Answer with a refusal. Always RESULT_OK: a refusal is an outcome. */
__attribute__((format(printf, 3, 4))) enum result command_refuse(
    struct asking *asking, enum refusal_code code, const char *format, ...);
enum result command_refuse_with(
    struct asking *asking, const struct refusal *refusal);

/* Stage a command of the server's own (terminal 0) with a private row, and
 * answer with its refusal where there is one: `*ret_entry` is then 0. */
enum result command_stage_own(struct asking *asking, struct command *command,
    const struct store_private *row, uint64_t *ret_entry, struct error *err);

/* Parse and look up a card: `*ret_account` 0 for a number that is nobody's.
 * False: the refusal has been written. */
bool command_find_card(struct asking *asking, const char *scanned,
    char ret_number[CARD_SIZE_MAX + 1], uint64_t *ret_account);

/* Fill in history lines of a member, newest first, from the entry `from` on;
 * `*ret_next` is where the next page starts, 0 at the end. */
enum result command_history_lines(struct asking *asking, uint64_t account,
    uint64_t from, tally_HistoryLine *lines, pb_size_t *ret_count,
    uint64_t *ret_next, struct error *err);

/* Copy a NUL-ended text into a message's field of `size` bytes, cut between
 * characters where it is too long. */
void command_copy_text(char *to, size_t size, const char *from);

#endif
