/*
 * command_inside: what the files of the command room share.
 */
#ifndef SERVER_COMMAND_INSIDE_H
#define SERVER_COMMAND_INSIDE_H

#include "server/command.h"

/*
 *     command.c            who may ask for what, and the connection's requests
 *     command_operation.c  what every operation starts and ends with
 *     command_side.c       what must not hold up the ledger's thread
 * and one file for each group of requests, as below.
 */

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

/* command.c, command_read.c: the connection's own, and what is read. */
command_fn command_hello;
command_fn command_ping;
command_fn command_rewards;
command_fn command_checkpoint;
command_fn command_ledger_show;

/* command_sale.c: what happens at a counter. */
command_fn command_earn;
command_fn command_sale;
command_fn command_redeem;
command_fn command_hold;
command_fn command_void;
command_fn command_return;

/* command_people.c: members and points between them. */
command_fn command_enrol;
command_fn command_transfer;
command_fn command_adjust;
command_fn command_join;
command_fn command_leave;
command_fn command_member_set;
command_fn command_staff_card;

/* command_card.c: cards after the first. */
command_fn command_card_add;
command_fn command_card_block;

/* command_member.c: what is known of a member. */
command_fn command_member;
command_fn command_history;

/* command_show.c: the owner's look at one. */
command_fn command_member_show;

/* command_admin.c, command_cashier.c, command_programme.c: the owner's. */
command_fn command_enrol_terminal;
command_fn command_terminal_add;
command_fn command_terminal_list;
command_fn command_terminal_revoke;
command_fn command_login;
command_fn command_cashier_add;
command_fn command_cashier_list;
command_fn command_reward_add;
command_fn command_programme_put;

/* command_night.c, command_import.c: in slices. */
command_fn command_night;
command_fn command_import;

/* Is this role allowed to ask for this at all? */
bool command_is_for(const tally_Request *request, enum role role);

/* A programme has been decided on, or an import is through, and that is
 * durable: take the file away that was left for it. */
void command_programme_done(struct shop *shop);
void command_import_done(struct shop *shop);

/* The side worker's part of an import: read the file, unless it is the one that
 * was read last. A fault is told by command_import(). */
void command_import_read(struct shop *shop, const tally_Import *wanted);
/* Let go of what was read: it is read again when it is asked for. */
void command_import_forget(struct shop *shop);

/* --- refusing ---------------------------------------------------------------
 */

/* Answer with a refusal. Always RESULT_OK: a refusal is an outcome. */
__attribute__((format(printf, 3, 4))) enum result command_refuse(
    struct asking *asking, enum refusal_code code, const char *format, ...);
enum result command_refuse_with(
    struct asking *asking, const struct refusal *refusal);

/* --- cards ------------------------------------------------------------------
 */

/* Parse and look up a card: account 0 for a number that is nobody's. False: the
 * refusal has been written. */
bool command_find_card(struct asking *asking, const char *scanned,
    char ret_number[CARD_SIZE_MAX + 1], struct directory_card *ret_card);
/* As above, and the card must be a member's. */
bool command_find_member(struct asking *asking, const char *scanned,
    struct directory_card *ret_card);
/* The chain's word on a card of a member. */
bool command_card_is_blocked(
    struct shop *shop, const struct directory_card *card);
enum result command_refuse_blocked(struct asking *asking);

/* --- operations -------------------------------------------------------------
 */

/*
 * Name the operation and who makes it: of a till, as it says (an operation must
 * be there); of the owner, by the ledger. False: refused.
 */
bool command_name(struct asking *asking, bool has_operation,
    const tally_Operation *operation, struct command *command);

/* Was this very name used before? `ret_entry` borrows from the shop's scratch.
 * Then the first answer is due again, whatever is asked here and now. */
bool command_is_known(struct asking *asking, const struct command *command,
    struct entry *ret_entry);

/* All that an operation of a member starts with: the card, the name, and that
 * the card is not blocked. False: refused. */
bool command_take_member(struct asking *asking, const char *scanned,
    bool has_operation, const tally_Operation *operation,
    struct command *command);

/* A second card in the same operation, which is not blocked either. */
bool command_take_other(struct asking *asking, const char *scanned,
    const struct command *command, uint64_t *ret_account);

/* The entry `sequence` as the command's related one, into `entry`; NULL stays
 * where there is none. Borrows from the shop's scratch. */
enum result command_relate(struct asking *asking, uint64_t sequence,
    struct entry *entry, struct command *command, struct error *err);

/* A member's number that is nobody's. */
uint64_t command_draw_account(const struct book *book);

/* Stage it, with a row (or NULL), and answer with its outcome. `*ret_new`: it
 * led to an entry now; false for a refusal and a repetition. */
enum result command_stage(struct asking *asking, const struct command *command,
    const struct store_private *row, bool *ret_new, struct error *err);

/* Stage a command of the server's own (terminal 0) with a private row, and
 * answer with its refusal where there is one: `*ret_entry` is then 0. */
enum result command_stage_own(struct asking *asking, struct command *command,
    const struct store_private *row, uint64_t *ret_entry, struct error *err);

/* Answer with the entry that was made, or 0 where none was needed. */
enum result command_answer_done(struct asking *asking, uint64_t entry);

/*
 * Is this the PIN of this cashier, as the side worker hashed it? Where it is
 * not, the refusal has been written and the try counted, and `*ret_good` is
 * false. `ret_cashier` is who it is.
 */
enum result command_check_pin(struct asking *asking, uint32_t number,
    bool *ret_good, struct roster_cashier *ret_cashier, struct error *err);

/* --- what is told of a member -----------------------------------------------
 */

/* What there is now of the points of a member, of its pool where it has one. */
struct points_now {
	const struct book_member *pool; /* NULL where there is none */
	uint64_t spendable;
	uint64_t pending;
	uint64_t expiring;    /* the next to lapse … */
	int32_t expiring_day; /* … after this day; LOT_NEVER */
	const char *tier;     /* its name; "" is none */
	uint8_t tier_level;   /* 0 is none */
	int32_t today;
};
void command_points_now(
    struct asking *asking, uint64_t account, struct points_now *ret_now);

/* What an entry did to an account that it names, and what was there after. */
int64_t command_points_of(const struct entry *entry, uint64_t account);
int64_t command_balance_of(const struct entry *entry, uint64_t account);

/* Fill in history lines of an account, newest first, from the entry `from` on;
 * `*ret_next` is where the next page starts, 0 at the end. */
enum result command_history_lines(struct asking *asking, uint64_t account,
    uint64_t from, tally_HistoryLine *lines, pb_size_t *ret_count,
    uint64_t *ret_next, struct error *err);

/* --- texts ------------------------------------------------------------------
 */

/* The account's entry before this one, which names it; 0 is none. */
uint64_t command_previous_of(const struct entry *entry, uint64_t account);

/* Copy a NUL-ended text into a message's field of `size` bytes, cut between
 * characters where it is too long. */
void command_copy_text(char *to, size_t size, const char *from);
/* The same of a view. */
void command_copy_bytes(char *to, size_t size, struct bytes from);
/* A person's or a till's name: some text. False: refused. */
bool command_check_name(struct asking *asking, const char *name);
/* 1 to 32 of a-z, 0-9, '_', '-'. */
bool command_is_id(const char *text);

#endif
