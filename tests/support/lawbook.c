/*
 * lawbook: decide, encode, decode, check, apply; and once more from records.
 */
#include "tests/support/lawbook.h"

#include "tests/support/check.h"

#include <string.h>

static void keep(struct lawbook *lawbook, struct bytes record)
{
	uint8_t size[4];
	struct writer writer = writer_of(size, sizeof(size));

	writer_u32(&writer, (uint32_t)record.size);
	assert_int_equal(buffer_append(&lawbook->records, writer_view(&writer),
			     &lawbook->err),
	    RESULT_OK);
	assert_int_equal(
	    buffer_append(&lawbook->records, record, &lawbook->err), RESULT_OK);
	lawbook->count++;
}

/* What a command names beside itself is of no entry that is done here. */
enum refusal_code lawbook_do(
    struct lawbook *lawbook, const struct command *command)
{
	struct decision *decision = &lawbook->decision;
	struct writer writer = writer_of(lawbook->last, sizeof(lawbook->last));

	law_decide(lawbook->book, command, lawbook->now_ms, decision);
	if (decision->refusal.code != REFUSAL_NONE)
		return decision->refusal.code;
	if (entry_encode(&decision->entry, &writer, &lawbook->err) !=
		RESULT_OK ||
	    entry_decode(writer_view(&writer), &lawbook->entry,
		&lawbook->err) != RESULT_OK ||
	    law_check(lawbook->book, &lawbook->entry, NULL, &lawbook->err) !=
		RESULT_OK ||
	    book_apply(lawbook->book, &lawbook->entry, &lawbook->err) !=
		RESULT_OK)
		fail_msg("%s", lawbook->err.text);
	keep(lawbook, writer_view(&writer));
	return REFUSAL_NONE;
}

static void must(struct lawbook *lawbook, const struct command *command)
{
	if (lawbook_do(lawbook, command) != REFUSAL_NONE)
		fail_msg("%s: %s", entry_kind_name(command->kind),
		    lawbook->decision.refusal.say);
}

struct command lawbook_command(
    struct lawbook *lawbook, enum entry_kind kind, uint32_t terminal)
{
	struct command command = {.kind = kind, .terminal = terminal};

	assert_in_range(terminal, 0, LAWBOOK_SHOP_TILL);
	command.counter = terminal == 0
			      ? book_head(lawbook->book)->server_counter + 1
			      : ++lawbook->counters[terminal];
	memcpy(command.random, &command.counter, sizeof(command.counter));
	return command;
}

static void open_till(
    struct lawbook *lawbook, uint32_t number, const char *shop)
{
	struct command command = lawbook_command(lawbook, ENTRY_TERMINAL, 0);

	command.subject = number;
	command.role = ROLE_TERMINAL;
	command.standing = STANDING_ACTIVE;
	command.shop = bytes_of_string(shop);
	command.key.bytes[0] = (uint8_t)number;
	must(lawbook, &command);
}

void lawbook_open(struct lawbook *lawbook, const char *rules, uint64_t now_ms)
{
	struct command command;

	memset(lawbook, 0, sizeof(*lawbook));
	lawbook->now_ms = now_ms;
	assert_int_equal(book_create(&lawbook->book, &lawbook->err), RESULT_OK);
	command = lawbook_command(lawbook, ENTRY_SHOP, 0);
	command.text = bytes_of_string("market.example");
	command.key.bytes[0] = 1;
	must(lawbook, &command);
	command = lawbook_command(lawbook, ENTRY_PROGRAMME, 0);
	command.text = bytes_of_string(rules);
	must(lawbook, &command);
	open_till(lawbook, LAWBOOK_PLAIN_TILL, "");
	open_till(lawbook, LAWBOOK_SHOP_TILL, LAWBOOK_SHOP);
}

void lawbook_close(struct lawbook *lawbook)
{
	buffer_finish(&lawbook->records);
	book_destroy(lawbook->book);
}

void lawbook_enrol(struct lawbook *lawbook, uint64_t account)
{
	struct command command =
	    lawbook_command(lawbook, ENTRY_ENROL, LAWBOOK_PLAIN_TILL);

	command.account = account;
	command.commitment.bytes[0] = 1;
	must(lawbook, &command);
}

void lawbook_night(struct lawbook *lawbook)
{
	const struct book_member *member;
	struct command command;
	struct command due;

	for (size_t place = 0;
	     (member = book_member_at(lawbook->book, place)) != NULL; place++) {
		while (law_due(lawbook->book, member, lawbook->now_ms, &due)) {
			command = lawbook_command(lawbook, due.kind, 0);
			command.account = due.account;
			must(lawbook, &command);
			member = book_member_at(lawbook->book, place);
		}
	}
}

/* --- once more ------------------------------------------------------------ */

static struct hash digest_of(struct lawbook *lawbook, const struct book *book)
{
	struct hash digest;

	assert_int_equal(
	    book_digest(book, book_hasher(book), &digest, &lawbook->err),
	    RESULT_OK);
	return digest;
}

static void apply_all(struct lawbook *lawbook, struct book *book)
{
	struct reader reader = reader_of(buffer_view(&lawbook->records));
	struct entry entry;

	while (reader_left(&reader) > 0) {
		uint32_t size = reader_u32(&reader);
		struct bytes record = reader_bytes(&reader, size);

		if (entry_decode(record, &entry, &lawbook->err) != RESULT_OK ||
		    book_apply(book, &entry, &lawbook->err) != RESULT_OK)
			fail_msg("%s", lawbook->err.text);
	}
	assert_false(reader.failed);
}

void lawbook_replay(struct lawbook *lawbook)
{
	struct book *again;
	struct hash one;
	struct hash other;

	assert_int_equal(book_create(&again, &lawbook->err), RESULT_OK);
	apply_all(lawbook, again);
	one = digest_of(lawbook, lawbook->book);
	other = digest_of(lawbook, again);
	assert_memory_equal(&one, &other, sizeof(one));
	book_destroy(again);
}
