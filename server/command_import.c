/*
 * command_import: opening balances, out of a file in the shop's folder.
 *
 * All of its lines are checked before the first is written, and all are written
 * in one step: a crash leaves all of them or none. An enrolment's random bytes
 * come from the file and the line, by which a line that was done is known
 * again: who has not heard the answer may ask once more.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/crypto.h"
#include "proto/file.h"
#include "server/command_inside.h"

/* What one line leads to. */
#define ENTRIES_A_LINE 3u /* enrolment, points, details */
#define ROWS_A_LINE 2u

/* One request under way. The mutex is held, and the file is the one meant. */
struct importing {
	struct asking *asking;
	struct import *file;
	int32_t today;
};

/* --- the file ----------------------------------------------------------------
 */

static bool is_wanted(const struct import *file, const tally_Import *wanted)
{
	return file != NULL &&
	       bytes_equal(hash_view(import_hash(file)),
		   bytes_of(wanted->hash.bytes, wanted->hash.size));
}

static enum result read_file(
    struct shop *shop, struct import **ret_file, struct error *err)
{
	char path[SHOP_PATH_SIZE_MAX];
	struct hasher *hasher = NULL;
	struct buffer text = {0};
	enum result result = shop_file(shop->path, SHOP_IMPORT_NEW, path, err);

	if (result == RESULT_OK)
		result = file_read_most(path, IMPORT_SIZE_MAX, &text, err);
	if (result == RESULT_OK)
		result = hasher_create(&hasher, err);
	if (result == RESULT_OK)
		result = import_create(&text, hasher, ret_file, err);
	hasher_destroy(hasher);
	buffer_finish(&text);
	return result;
}

void command_import_read(struct shop *shop, const tally_Import *wanted)
{
	struct import *file = NULL;
	struct error why = {.text = ""};
	bool is_there;

	pthread_mutex_lock(&shop->import.mutex);
	is_there = is_wanted(shop->import.file, wanted);
	pthread_mutex_unlock(&shop->import.mutex);
	if (is_there)
		return;
	(void)!read_file(shop, &file, &why);
	pthread_mutex_lock(&shop->import.mutex);
	import_destroy(shop->import.file);
	shop->import.file = file;
	shop->import.why = why;
	pthread_mutex_unlock(&shop->import.mutex);
}

void command_import_forget(struct shop *shop)
{
	pthread_mutex_lock(&shop->import.mutex);
	import_destroy(shop->import.file);
	shop->import.file = NULL;
	shop->import.why = (struct error){.result = RESULT_NOT_FOUND};
	pthread_mutex_unlock(&shop->import.mutex);
}

void command_import_done(struct shop *shop)
{
	char path[SHOP_PATH_SIZE_MAX];

	if (shop_file(shop->path, SHOP_IMPORT_NEW, path, NULL) == RESULT_OK)
		(void)unlink(path);
	command_import_forget(shop);
}

static enum result refuse_file(struct asking *asking)
{
	const struct shop_import *import = &asking->shop->import;

	if (import->file != NULL)
		return command_refuse(asking, REFUSAL_MALFORMED,
		    "The %s in the shop's folder is another than was meant. "
		    "Try again: tally import FILE",
		    SHOP_IMPORT_NEW);
	if (import->why.result == RESULT_NOT_FOUND)
		return command_refuse(asking, REFUSAL_NOT_FOUND,
		    "There is no %s in the shop's folder. Try again: tally "
		    "import FILE",
		    SHOP_IMPORT_NEW);
	return command_refuse(asking,
	    import->why.result == RESULT_LIMIT ? REFUSAL_LIMIT
					       : REFUSAL_STORAGE,
	    "Not done: %s.", import->why.text);
}

/* --- lines -------------------------------------------------------------------
 */

/* SHA-256(file's hash || line u32), the first 16 bytes. */
static void random_of(const struct importing *importing, uint32_t line,
    uint8_t ret_random[ENTRY_RANDOM_SIZE])
{
	uint8_t text[HASH_SIZE + 4];
	struct writer writer = writer_of(text, sizeof(text));
	struct hash hash;

	writer_bytes(&writer, hash_view(import_hash(importing->file)));
	writer_u32(&writer, line);
	hash =
	    hash_plain(importing->asking->shop->hasher, writer_view(&writer));
	memcpy(ret_random, hash.bytes, ENTRY_RANDOM_SIZE);
}

/* A card that is a member's: was it enrolled by this very line? */
static enum result look_done(struct importing *importing,
    const struct import_row *row, uint64_t account, bool *ret_done,
    struct error *err)
{
	struct shop *shop = importing->asking->shop;
	const struct book_member *member =
	    book_member(ledger_book(shop->ledger), account);
	uint8_t random[ENTRY_RANDOM_SIZE];
	struct entry enrolled;
	enum result result;

	*ret_done = false;
	if (member == NULL)
		return RESULT_OK;
	result = ledger_read(shop->ledger, member->enrolled_sequence,
	    &shop->record, &enrolled, err);
	if (result != RESULT_OK)
		return result;
	random_of(importing, row->line, random);
	*ret_done = enrolled.kind == ENTRY_ENROL && enrolled.terminal == 0 &&
		    memcmp(enrolled.random, random, sizeof(random)) == 0;
	return RESULT_OK;
}

/* A row, good in itself, against the book. The fault's text is in `fault`; it
 * is empty for a good one. `*ret_done`: this import has enrolled it. */
static enum result look_up(struct importing *importing,
    const struct import_row *row, struct error *fault, bool *ret_done,
    struct error *err)
{
	struct shop *shop = importing->asking->shop;
	uint64_t account = directory_find(shop->directory, row->card);
	enum result result;

	fault->text[0] = '\0';
	*ret_done = false;
	if (account != 0) {
		result = look_done(importing, row, account, ret_done, err);
		if (result != RESULT_OK || *ret_done)
			return result;
		(void)!error_set(fault, RESULT_INVALID,
		    "a card that is not enrolled yet is wanted; this one is");
	} else if (row->expiry_day != 0 && row->expiry_day < importing->today) {
		(void)!error_set(fault, RESULT_INVALID,
		    "a last day to come is wanted; these points have lapsed");
	}
	return RESULT_OK;
}

/* Read and look up the row at `index`. */
static enum result check_row(struct importing *importing, size_t index,
    struct import_row *ret_row, struct error *fault, bool *ret_done,
    struct error *err)
{
	*ret_done = false;
	if (import_row(importing->file, index, ret_row, fault) != RESULT_OK)
		return RESULT_OK;
	return look_up(importing, ret_row, fault, ret_done, err);
}

/* --- checking ----------------------------------------------------------------
 */

/* What rows from one on come to, up to the first fault. */
struct survey {
	uint32_t cards; /* that are to be enrolled */
	uint64_t points;
	uint32_t fault_line; /* 0: none */
	struct error fault;
};

static uint64_t points_left(const struct importing *importing)
{
	const struct book *book = ledger_book(importing->asking->shop->ledger);
	struct book_totals totals;

	book_totals(book, &totals);
	return (uint64_t)(BALANCE_POINTS_MAX + totals.goodwill_points);
}

static enum result survey(struct importing *importing, size_t from, size_t to,
    struct survey *ret_survey, struct error *err)
{
	uint64_t left = points_left(importing);
	size_t i;

	*ret_survey = (struct survey){0};
	for (i = from; i < to && ret_survey->fault_line == 0; i++) {
		struct import_row row;
		bool is_done;
		enum result result = check_row(
		    importing, i, &row, &ret_survey->fault, &is_done, err);

		if (result != RESULT_OK)
			return result;
		if (ret_survey->fault.text[0] == '\0' && !is_done) {
			ret_survey->cards++;
			ret_survey->points += row.points;
			if (ret_survey->points > left)
				(void)!error_set(&ret_survey->fault,
				    RESULT_LIMIT,
				    "fewer points in all are wanted; accounts "
				    "hold no more than %llu",
				    (unsigned long long)BALANCE_POINTS_MAX);
		}
		if (ret_survey->fault.text[0] != '\0')
			ret_survey->fault_line =
			    import_row_line(importing->file, i);
	}
	return RESULT_OK;
}

static enum result dry_run(struct importing *importing, struct error *err)
{
	struct asking *asking = importing->asking;
	tally_ImportReply *reply = &asking->reply->body.import_cards;
	size_t from = import_row_from(
	    importing->file, asking->request->body.import_cards.line);
	struct survey rest;
	struct survey before = {0};
	enum result result = survey(
	    importing, from, import_row_count(importing->file), &rest, err);

	/* Whoever goes on behind a fault is not told of a sum. */
	if (result == RESULT_OK && rest.fault_line == 0)
		result = survey(importing, 0, from, &before, err);
	if (result != RESULT_OK)
		return result;
	asking->reply->which_body = tally_Reply_import_cards_tag;
	*reply = (tally_ImportReply){.cards = before.cards + rest.cards,
	    .points = before.points + rest.points,
	    .fault_line = rest.fault_line};
	if (rest.fault_line != 0) {
		command_copy_text(
		    reply->fault, sizeof(reply->fault), rest.fault.text);
		reply->next = rest.fault_line + 1;
	}
	return RESULT_OK;
}

/* All lines, before the first is written. False: refused. */
static enum result check_all(
    struct importing *importing, bool *ret_good, struct error *err)
{
	struct asking *asking = importing->asking;
	struct survey whole;
	enum result result;

	*ret_good = true;
	result = survey(
	    importing, 0, import_row_count(importing->file), &whole, err);
	if (result != RESULT_OK)
		return result;
	*ret_good = whole.fault_line == 0;
	if (*ret_good)
		return RESULT_OK;
	return command_refuse(asking, REFUSAL_MALFORMED,
	    "Nothing was written. Line %lu: %s.",
	    (unsigned long)whole.fault_line, whole.fault.text);
}

/* --- writing -----------------------------------------------------------------
 */

/* One entry of a line. A refusal has been written where `*ret_good` is false.
 */
static enum result stage_one(struct importing *importing,
    const struct import_row *row, const struct command *command,
    const struct store_private *private_row, bool *ret_good, struct error *err)
{
	struct asking *asking = importing->asking;
	struct outcome outcome;
	enum result result =
	    ledger_stage(asking->shop->ledger, command, private_row,
		private_row == NULL ? 0 : 1, asking->now_ms, &outcome, err);

	if (result != RESULT_OK)
		return result;
	*ret_good = outcome.refusal.code == REFUSAL_NONE;
	if (*ret_good)
		return RESULT_OK;
	return command_refuse(asking, outcome.refusal.code,
	    "Stopped at line %lu: %s", (unsigned long)row->line,
	    outcome.refusal.say);
}

static enum result enrol(struct importing *importing,
    const struct import_row *row, uint64_t account, bool *ret_good,
    struct error *err)
{
	struct shop *shop = importing->asking->shop;
	struct command command = {.kind = ENTRY_ENROL, .account = account};
	uint8_t body[CARD_ROW_SIZE_MAX];
	struct store_private private_row = {
	    .kind = PRIVATE_CARD, .id = account};
	struct card_row card;
	enum result result;

	random_of(importing, row->line, command.random);
	memcpy(card.number, row->card, sizeof(card.number));
	crypto_random(card.salt, sizeof(card.salt));
	command.commitment = card_row_commitment(shop->hasher, &card, account);
	private_row.body = card_row_encode(&card, body);
	result =
	    stage_one(importing, row, &command, &private_row, ret_good, err);
	if (result == RESULT_OK && *ret_good)
		result = directory_add(shop->directory, card.number,
		    (struct directory_card){.account = account}, err);
	return result;
}

static enum result give_points(struct importing *importing,
    const struct import_row *row, uint64_t account, bool *ret_good,
    struct error *err)
{
	struct command command = {.kind = ENTRY_ADJUST,
	    .account = account,
	    .points = row->points,
	    .expiry_day = row->expiry_day,
	    .reason = bytes_of_string("import")};

	if (row->points == 0)
		return RESULT_OK;
	crypto_random(command.random, sizeof(command.random));
	return stage_one(importing, row, &command, NULL, ret_good, err);
}

static enum result keep_details(struct importing *importing,
    const struct import_row *row, uint64_t account, bool *ret_good,
    struct error *err)
{
	struct shop *shop = importing->asking->shop;
	struct command command = {.kind = ENTRY_MEMBER, .account = account};
	uint8_t body[MEMBER_ROW_SIZE_MAX];
	struct store_private private_row = {
	    .kind = PRIVATE_MEMBER, .id = account};
	struct member_row details = {.birthday = row->birthday};
	enum result result;

	if (row->name[0] == '\0' && row->birthday == 0)
		return RESULT_OK;
	memcpy(details.name, row->name, sizeof(details.name));
	crypto_random(details.salt, sizeof(details.salt));
	crypto_random(command.random, sizeof(command.random));
	command.commitment =
	    member_row_commitment(shop->hasher, &details, account);
	private_row.body = member_row_encode(&details, body);
	result =
	    stage_one(importing, row, &command, &private_row, ret_good, err);
	if (result == RESULT_OK && *ret_good)
		result = directory_set_birthday(
		    shop->directory, account, row->birthday, err);
	return result;
}

static enum result write_row(struct importing *importing,
    const struct import_row *row, bool *ret_good, struct error *err)
{
	uint64_t account =
	    command_draw_account(ledger_book(importing->asking->shop->ledger));
	enum result result = enrol(importing, row, account, ret_good, err);

	if (result == RESULT_OK && *ret_good)
		result = give_points(importing, row, account, ret_good, err);
	if (result == RESULT_OK && *ret_good)
		result = keep_details(importing, row, account, ret_good, err);
	return result;
}

static bool has_room(const struct importing *importing)
{
	return ledger_has_room(importing->asking->shop->ledger, ENTRIES_A_LINE,
	    ROWS_A_LINE, CARD_ROW_SIZE_MAX + MEMBER_ROW_SIZE_MAX);
}

/*
 * All rows in one step: a full group is handed to the store, and nothing of it
 * is durable before the last row's. Nobody else is served meanwhile, so what
 * was checked is still so, and a refusal here is a fault of ours: it undoes the
 * step as a failing disk does.
 */
static enum result write_rows(struct importing *importing, struct error *err)
{
	struct ledger *ledger = importing->asking->shop->ledger;
	tally_ImportReply done = {0};
	size_t i;

	for (i = 0; i < import_row_count(importing->file); i++) {
		struct import_row row;
		struct error fault = {.text = ""};
		bool is_good = true;
		bool is_done;
		enum result result =
		    check_row(importing, i, &row, &fault, &is_done, err);

		if (result == RESULT_OK && is_done)
			continue;
		if (result == RESULT_OK && fault.text[0] != '\0')
			result =
			    error_set(err, RESULT_INVALID, "%s", fault.text);
		if (result == RESULT_OK && !has_room(importing))
			result = ledger_spill(ledger, err);
		if (result == RESULT_OK)
			result = write_row(importing, &row, &is_good, err);
		if (result == RESULT_OK && !is_good)
			result = error_set(err, RESULT_INVALID,
			    "line %lu was refused after all",
			    (unsigned long)row.line);
		if (result != RESULT_OK)
			return result;
		done.cards++;
		done.points += row.points;
	}
	importing->asking->reply->which_body = tally_Reply_import_cards_tag;
	importing->asking->reply->body.import_cards = done;
	return RESULT_OK;
}

static enum result run(struct importing *importing, struct error *err)
{
	bool is_good;
	enum result result = check_all(importing, &is_good, err);

	if (result == RESULT_OK && is_good)
		result = write_rows(importing, err);
	return result;
}

/* --- the request
 * --------------------------------------------------------------- */

static int32_t today(const struct asking *asking)
{
	const struct book *book = ledger_book(asking->shop->ledger);
	const struct book_programme *current = book_programme(book);
	uint64_t now_ms = asking->now_ms;

	if (now_ms < book_head(book)->time_ms)
		now_ms = book_head(book)->time_ms;
	return current == NULL
		   ? 0
		   : zone_local(&current->programme->zone, now_ms).day;
}

enum result command_import(struct asking *asking, struct error *err)
{
	const tally_Import *wanted = &asking->request->body.import_cards;
	struct shop_import *import = &asking->shop->import;
	struct importing importing = {.asking = asking, .today = today(asking)};
	enum result result;

	pthread_mutex_lock(&import->mutex);
	importing.file = import->file;
	if (!is_wanted(import->file, wanted))
		result = refuse_file(asking);
	else if (wanted->dry_run)
		result = dry_run(&importing, err);
	else
		result = run(&importing, err);
	pthread_mutex_unlock(&import->mutex);
	return result;
}
