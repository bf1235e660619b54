/*
 * roster: two small arrays by number, a mutex, and the codecs of their rows.
 */
#include "server/roster.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define TERMINAL_VERSION 2u
#define TERMINAL_VERSION_OLD 1u /* without a shop */
#define CASHIER_VERSION 1u
#define TICKET_MAC_SIZE 16u

struct roster {
	pthread_mutex_t mutex;
	struct hasher *hasher;
	uint8_t ticket_key[32];
	/* Indexed by number; an entry with number 0 is not there. */
	struct roster_terminal *terminals;
	uint32_t terminal_count;
	struct roster_cashier *cashiers;
	uint32_t cashier_count;
};

enum result roster_create(
    const uint8_t ticket_key[32], struct roster **ret_roster, struct error *err)
{
	struct roster *roster = calloc(1, sizeof(*roster));
	enum result result;

	if (roster == NULL)
		return error_no_memory(err);
	result = hasher_create(&roster->hasher, err);
	if (result != RESULT_OK) {
		free(roster);
		return result;
	}
	pthread_mutex_init(&roster->mutex, NULL);
	memcpy(roster->ticket_key, ticket_key, sizeof(roster->ticket_key));
	*ret_roster = roster;
	return RESULT_OK;
}

void roster_destroy(struct roster *roster)
{
	if (roster == NULL)
		return;
	pthread_mutex_destroy(&roster->mutex);
	hasher_destroy(roster->hasher);
	crypto_wipe(roster->ticket_key, sizeof(roster->ticket_key));
	free(roster->terminals);
	free(roster->cashiers);
	free(roster);
}

/* --- rows ----------------------------------------------------------------- */

static void write_name(struct writer *writer, const char *name)
{
	struct bytes text = bytes_of_string(name);

	writer_u8(writer, (uint8_t)text.size);
	writer_bytes(writer, text);
}

/* `ret_name` has room for `size_max` bytes and an end. */
static bool read_name(struct reader *reader, size_t size_max, char *ret_name)
{
	struct bytes text = reader_bytes(reader, reader_u8(reader));

	if (reader->failed || text.size > size_max ||
	    !bytes_are_text(text, NULL))
		return false;
	if (text.size != 0)
		memcpy(ret_name, text.data, text.size);
	ret_name[text.size] = '\0';
	return true;
}

static bool decode_terminal(
    const struct store_private *row, struct roster_terminal *ret_terminal)
{
	struct reader reader = reader_of(row->body);
	struct roster_terminal terminal = {.number = (uint32_t)row->id};
	uint8_t version = reader_u8(&reader);

	if ((version != TERMINAL_VERSION && version != TERMINAL_VERSION_OLD) ||
	    !read_name(&reader, NAME_SIZE_MAX, terminal.name))
		return false;
	terminal.role = reader_u8(&reader);
	reader_copy(&reader, terminal.secret_hash.bytes, HASH_SIZE);
	terminal.expires_ms = reader_u64(&reader);
	if (version == TERMINAL_VERSION &&
	    !read_name(&reader, SHOP_ID_SIZE_MAX, terminal.shop))
		return false;
	if (reader.failed || reader_left(&reader) != 0)
		return false;
	*ret_terminal = terminal;
	return true;
}

void roster_terminal_row(
    const struct roster_terminal *terminal, struct roster_row *ret_row)
{
	struct writer writer = writer_of(ret_row->body, sizeof(ret_row->body));

	writer_u8(&writer, TERMINAL_VERSION);
	write_name(&writer, terminal->name);
	writer_u8(&writer, (uint8_t)terminal->role);
	writer_bytes(&writer, hash_view(&terminal->secret_hash));
	writer_u64(&writer, terminal->expires_ms);
	write_name(&writer, terminal->shop);
	ret_row->row = (struct store_private){.kind = PRIVATE_TERMINAL,
	    .id = terminal->number,
	    .body = writer_view(&writer)};
}

static bool decode_cashier(
    const struct store_private *row, struct roster_cashier *ret_cashier)
{
	struct reader reader = reader_of(row->body);
	struct roster_cashier cashier = {.number = (uint32_t)row->id};

	if (reader_u8(&reader) != CASHIER_VERSION ||
	    !read_name(&reader, NAME_SIZE_MAX, cashier.name))
		return false;
	cashier.role = reader_u8(&reader);
	reader_copy(&reader, cashier.salt, sizeof(cashier.salt));
	reader_copy(&reader, cashier.pin_hash, sizeof(cashier.pin_hash));
	cashier.wrong_count = reader_u8(&reader);
	cashier.locked_until_ms = reader_u64(&reader);
	if (reader.failed || reader_left(&reader) != 0)
		return false;
	*ret_cashier = cashier;
	return true;
}

void roster_cashier_row(
    const struct roster_cashier *cashier, struct roster_row *ret_row)
{
	struct writer writer = writer_of(ret_row->body, sizeof(ret_row->body));

	writer_u8(&writer, CASHIER_VERSION);
	write_name(&writer, cashier->name);
	writer_u8(&writer, (uint8_t)cashier->role);
	writer_bytes(&writer, bytes_of(cashier->salt, sizeof(cashier->salt)));
	writer_bytes(
	    &writer, bytes_of(cashier->pin_hash, sizeof(cashier->pin_hash)));
	writer_u8(&writer, cashier->wrong_count);
	writer_u64(&writer, cashier->locked_until_ms);
	ret_row->row = (struct store_private){.kind = PRIVATE_CASHIER,
	    .id = cashier->number,
	    .body = writer_view(&writer)};
}

/* --- the arrays ------------------------------------------------------------
 */

/* Room for index `number` in an array of `*count` things of `size` bytes. */
static enum result make_room(void **array, uint32_t *count, uint32_t number,
    size_t size, struct error *err)
{
	uint32_t wanted = number + 16;
	uint8_t *grown;

	if (number < *count)
		return RESULT_OK;
	grown = realloc(*array, wanted * size);
	if (grown == NULL)
		return error_no_memory(err);
	memset(grown + *count * size, 0, (wanted - *count) * size);
	*array = grown;
	*count = wanted;
	return RESULT_OK;
}

static enum result put_terminal(struct roster *roster,
    const struct roster_terminal *terminal, struct error *err)
{
	void *array = roster->terminals;
	enum result result = make_room(&array, &roster->terminal_count,
	    terminal->number, sizeof(*terminal), err);

	roster->terminals = array;
	if (result == RESULT_OK)
		roster->terminals[terminal->number] = *terminal;
	return result;
}

static enum result put_cashier(struct roster *roster,
    const struct roster_cashier *cashier, struct error *err)
{
	void *array = roster->cashiers;
	enum result result = make_room(&array, &roster->cashier_count,
	    cashier->number, sizeof(*cashier), err);

	roster->cashiers = array;
	if (result == RESULT_OK)
		roster->cashiers[cashier->number] = *cashier;
	return result;
}

static enum result load_terminal(
    void *context, const struct store_private *row, struct error *err)
{
	struct roster_terminal terminal;

	if (row->id == 0 || row->id > TERMINALS_MAX ||
	    !decode_terminal(row, &terminal))
		return error_set(err, RESULT_CORRUPT,
		    "the private row of terminal %llu is damaged",
		    (unsigned long long)row->id);
	return put_terminal(context, &terminal, err);
}

static enum result load_cashier(
    void *context, const struct store_private *row, struct error *err)
{
	struct roster_cashier cashier;

	if (row->id == 0 || row->id > CASHIERS_MAX ||
	    !decode_cashier(row, &cashier))
		return error_set(err, RESULT_CORRUPT,
		    "the private row of cashier %llu is damaged",
		    (unsigned long long)row->id);
	return put_cashier(context, &cashier, err);
}

enum result roster_load(
    struct roster *roster, struct store *store, struct error *err)
{
	enum result result;

	pthread_mutex_lock(&roster->mutex);
	if (roster->terminal_count != 0)
		memset(roster->terminals, 0,
		    roster->terminal_count * sizeof(*roster->terminals));
	if (roster->cashier_count != 0)
		memset(roster->cashiers, 0,
		    roster->cashier_count * sizeof(*roster->cashiers));
	result = store->ops->privates(
	    store, PRIVATE_TERMINAL, load_terminal, roster, err);
	if (result == RESULT_OK)
		result = store->ops->privates(
		    store, PRIVATE_CASHIER, load_cashier, roster, err);
	pthread_mutex_unlock(&roster->mutex);
	return result;
}

/* --- looking up and setting -------------------------------------------------
 */

enum result roster_terminal_next(struct roster *roster, uint32_t after,
    struct roster_terminal *ret_terminal, struct error *err)
{
	enum result result = RESULT_NOT_FOUND;
	uint32_t at;

	pthread_mutex_lock(&roster->mutex);
	for (at = after; at < roster->terminal_count; at++) {
		if (roster->terminals[at].number <= after)
			continue;
		*ret_terminal = roster->terminals[at];
		result = RESULT_OK;
		break;
	}
	pthread_mutex_unlock(&roster->mutex);
	if (result != RESULT_OK)
		return error_set(err, result, "there is no further terminal");
	return result;
}

enum result roster_cashier_next(struct roster *roster, uint32_t after,
    struct roster_cashier *ret_cashier, struct error *err)
{
	enum result result = RESULT_NOT_FOUND;
	uint32_t at;

	pthread_mutex_lock(&roster->mutex);
	for (at = after; at < roster->cashier_count; at++) {
		if (roster->cashiers[at].number <= after)
			continue;
		*ret_cashier = roster->cashiers[at];
		result = RESULT_OK;
		break;
	}
	pthread_mutex_unlock(&roster->mutex);
	if (result != RESULT_OK)
		return error_set(err, result, "there is no further cashier");
	return result;
}

enum result roster_terminal(struct roster *roster, uint32_t number,
    struct roster_terminal *ret_terminal, struct error *err)
{
	struct roster_terminal found = {0};

	if (number == 0 ||
	    roster_terminal_next(roster, number - 1, &found, NULL) !=
		RESULT_OK ||
	    found.number != number)
		return error_set(err, RESULT_NOT_FOUND,
		    "there is no terminal %lu", (unsigned long)number);
	*ret_terminal = found;
	return RESULT_OK;
}

enum result roster_cashier(struct roster *roster, uint32_t number,
    struct roster_cashier *ret_cashier, struct error *err)
{
	struct roster_cashier found = {0};

	if (number == 0 ||
	    roster_cashier_next(roster, number - 1, &found, NULL) !=
		RESULT_OK ||
	    found.number != number)
		return error_set(err, RESULT_NOT_FOUND,
		    "there is no cashier %lu", (unsigned long)number);
	*ret_cashier = found;
	return RESULT_OK;
}

uint32_t roster_terminal_last(struct roster *roster)
{
	uint32_t at;

	pthread_mutex_lock(&roster->mutex);
	at = roster->terminal_count;
	while (at > 0 && roster->terminals[at - 1].number == 0)
		at--;
	pthread_mutex_unlock(&roster->mutex);
	return at == 0 ? 0 : at - 1;
}

enum result roster_set_terminal(struct roster *roster,
    const struct roster_terminal *terminal, struct error *err)
{
	enum result result;

	pthread_mutex_lock(&roster->mutex);
	result = put_terminal(roster, terminal, err);
	pthread_mutex_unlock(&roster->mutex);
	return result;
}

enum result roster_set_cashier(struct roster *roster,
    const struct roster_cashier *cashier, struct error *err)
{
	enum result result;

	pthread_mutex_lock(&roster->mutex);
	result = put_cashier(roster, cashier, err);
	pthread_mutex_unlock(&roster->mutex);
	return result;
}

struct hash roster_cashier_commitment(
    struct hasher *hasher, const struct roster_cashier *cashier)
{
	static const char domain[] = "tally cashier v1"; /* with its NUL */
	uint8_t text[sizeof(domain) + PIN_SALT_SIZE + 4 + NAME_SIZE_MAX];
	struct writer writer = writer_of(text, sizeof(text));

	writer_bytes(&writer, bytes_of(domain, sizeof(domain)));
	writer_bytes(&writer, bytes_of(cashier->salt, PIN_SALT_SIZE));
	writer_u32(&writer, cashier->number);
	writer_bytes(&writer, bytes_of_string(cashier->name));
	return hash_plain(hasher, writer_view(&writer));
}

/* --- tokens and tickets ------------------------------------------------------
 */

enum result roster_token(struct roster *roster,
    const uint8_t secret[TOKEN_SECRET_SIZE], uint64_t now_ms,
    struct roster_terminal *ret_terminal, struct error *err)
{
	bool expired = false;
	bool found = false;
	struct hash hash;
	uint32_t at;

	pthread_mutex_lock(&roster->mutex);
	hash = hash_plain(roster->hasher, bytes_of(secret, TOKEN_SECRET_SIZE));
	for (at = 1; at < roster->terminal_count; at++) {
		struct roster_terminal *terminal = &roster->terminals[at];

		if (terminal->number == 0 || terminal->expires_ms == 0 ||
		    !bytes_equal_secret(
			hash_view(&terminal->secret_hash), hash_view(&hash)))
			continue;
		expired = now_ms >= terminal->expires_ms;
		found = !expired;
		*ret_terminal = *terminal;
		break;
	}
	pthread_mutex_unlock(&roster->mutex);
	if (found)
		return RESULT_OK;
	return error_set(err, RESULT_DENIED,
	    expired ? "this token has expired; ask the owner for a new one"
		    : "this token is wrong or was used already; ask the owner "
		      "for a new one");
}

/* Under the mutex: the hasher is shared. */
static struct hash ticket_hash(struct roster *roster, uint32_t terminal,
    uint32_t cashier, uint64_t issued_ms)
{
	static const char domain[12] = "tally ticket";
	uint8_t text[32 + sizeof(domain) + 4 + 4 + 8];
	struct writer writer = writer_of(text, sizeof(text));
	struct hash hash;

	writer_bytes(
	    &writer, bytes_of(roster->ticket_key, sizeof(roster->ticket_key)));
	writer_bytes(&writer, bytes_of(domain, sizeof(domain)));
	writer_u32(&writer, terminal);
	writer_u32(&writer, cashier);
	writer_u64(&writer, issued_ms);
	hash = hash_plain(roster->hasher, writer_view(&writer));
	crypto_wipe(text, sizeof(text));
	return hash;
}

void roster_ticket_make(struct roster *roster, uint32_t terminal,
    uint32_t cashier, uint64_t now_ms, uint8_t ret_ticket[TICKET_SIZE])
{
	struct writer writer = writer_of(ret_ticket, TICKET_SIZE);
	struct hash hash;

	pthread_mutex_lock(&roster->mutex);
	hash = ticket_hash(roster, terminal, cashier, now_ms);
	pthread_mutex_unlock(&roster->mutex);
	writer_u32(&writer, cashier);
	writer_u64(&writer, now_ms);
	writer_bytes(&writer, bytes_of(hash.bytes, TICKET_MAC_SIZE));
}

enum result roster_ticket_check(struct roster *roster, uint32_t terminal,
    struct bytes ticket, uint64_t now_ms, uint32_t *ret_cashier,
    struct error *err)
{
	struct reader reader = reader_of(ticket);
	uint32_t cashier = reader_u32(&reader);
	uint64_t issued_ms = reader_u64(&reader);
	struct bytes mac = reader_bytes(&reader, TICKET_MAC_SIZE);
	struct hash hash;

	if (reader.failed || reader_left(&reader) != 0)
		return error_set(err, RESULT_DENIED, "this is no ticket");
	pthread_mutex_lock(&roster->mutex);
	hash = ticket_hash(roster, terminal, cashier, issued_ms);
	pthread_mutex_unlock(&roster->mutex);
	if (!bytes_equal_secret(mac, bytes_of(hash.bytes, TICKET_MAC_SIZE)))
		return error_set(
		    err, RESULT_DENIED, "the cashier's ticket is forged");
	if (now_ms > issued_ms && now_ms - issued_ms > TICKET_MS_MAX)
		return error_set(err, RESULT_DENIED,
		    "the cashier's ticket is older than seven days");
	*ret_cashier = cashier;
	return RESULT_OK;
}
