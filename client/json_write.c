/*
 * json_write: the lines out. Each is written once, front to back, straight
 * into the output, so that its fields stand in the order in which they are set
 * here: the order that TILL.md promises. Reading is json.c's.
 */
#include "client/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A line on its way. It is taken back as a whole where memory runs out. */
struct line {
	struct buffer *output;
	size_t start;
	bool failed;
	bool comma; /* a field or element stands before the next one */
};

static void put(struct line *line, struct bytes bytes)
{
	if (!line->failed &&
	    buffer_append(line->output, bytes, NULL) != RESULT_OK)
		line->failed = true;
}

static void put_string(struct line *line, const char *text)
{
	put(line, bytes_of_string(text));
}

static void put_comma(struct line *line)
{
	if (line->comma)
		put_string(line, ",");
	line->comma = true;
}

static void open_group(struct line *line, const char *bracket)
{
	put_string(line, bracket);
	line->comma = false;
}

static void close_group(struct line *line, const char *bracket)
{
	put_string(line, bracket);
	line->comma = true;
}

static struct line begin_line(struct buffer *output)
{
	struct line line = {.output = output, .start = output->size};

	open_group(&line, "{");
	return line;
}

static void end_line(struct line *line)
{
	close_group(line, "}\n");
	if (line->failed)
		line->output->size = line->start;
}

/* RFC 8259 section 7; texts are well-formed UTF-8, which stays as it is. */
static void put_text(struct line *line, struct bytes text)
{
	static const uint8_t quote = '"';
	size_t done = 0;

	put(line, bytes_of(&quote, 1));
	for (size_t i = 0; i < text.size; i++) {
		uint8_t byte = text.data[i];
		char escaped[8];

		if (byte >= 0x20 && byte != '"' && byte != '\\')
			continue;
		put(line, bytes_of(&text.data[done], i - done));
		if (byte == '\n')
			snprintf(escaped, sizeof escaped, "\\n");
		else if (byte < 0x20)
			snprintf(escaped, sizeof escaped, "\\u%04x", byte);
		else
			snprintf(escaped, sizeof escaped, "\\%c", byte);
		put_string(line, escaped);
		done = i + 1;
	}
	if (text.size > done)
		put(line, bytes_of(&text.data[done], text.size - done));
	put(line, bytes_of(&quote, 1));
}

static void put_key(struct line *line, const char *key)
{
	put_comma(line);
	put_text(line, bytes_of_string(key));
	put_string(line, ":");
}

static void set_text(struct line *line, const char *key, const char *text)
{
	put_key(line, key);
	put_text(line, bytes_of_string(text));
}

static void set_number(struct line *line, const char *key, int64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, number);
	put_key(line, key);
	put_string(line, text);
}

static void set_count(struct line *line, const char *key, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, number);
	put_key(line, key);
	put_string(line, text);
}

static void set_bool(struct line *line, const char *key, bool value)
{
	put_key(line, key);
	put_string(line, value ? "true" : "false");
}

/* An id is kept as JSON text, so that it comes back as it was given. */
static void set_id(struct line *line, const char *id)
{
	if (id[0] == '\0')
		return;
	put_key(line, "id");
	put_string(line, id);
}

static void set_hash(struct line *line, const char *key, struct bytes hash)
{
	char text[HASH_SIZE * 2 + 1] = "";

	if (hash.size == HASH_SIZE)
		bytes_to_hex(hash, text);
	set_text(line, key, text);
}

static void set_hashes(struct line *line, const char *key, struct bytes hashes)
{
	struct reader reader = reader_of(hashes);

	put_key(line, key);
	open_group(line, "[");
	while (reader_left(&reader) >= HASH_SIZE) {
		char text[HASH_SIZE * 2 + 1];

		bytes_to_hex(reader_bytes(&reader, HASH_SIZE), text);
		put_comma(line);
		put_text(line, bytes_of_string(text));
	}
	close_group(line, "]");
}

/* --- what a result holds -------------------------------------------------- */

static void set_operation_reply(
    struct line *line, const tally_OperationReply *reply)
{
	set_number(line, "points", reply->points);
	set_number(line, "balance", reply->balance);
	set_count(line, "entry", reply->entry);
	set_hash(line, "hash", bytes_of(reply->hash.bytes, reply->hash.size));
	if (reply->repeated)
		set_bool(line, "repeated", true);
}

static void set_member(struct line *line, const tally_MemberReply *member)
{
	set_number(line, "balance", member->balance);
	set_count(line, "last_entry", member->last_entry);
	if (member->since_ms != 0)
		set_count(line, "since_ms", member->since_ms);
}

static void put_history_line(
    struct line *line, const tally_HistoryLine *history)
{
	put_comma(line);
	open_group(line, "{");
	set_count(line, "entry", history->entry);
	set_text(line, "kind", entry_kind_name((enum entry_kind)history->kind));
	set_count(line, "time_ms", history->time_ms);
	set_number(line, "points", history->points);
	set_number(line, "balance", history->balance);
	if (history->amount_minor != 0)
		set_count(line, "amount", history->amount_minor);
	if (history->reward[0] != '\0')
		set_text(line, "reward", history->reward);
	if (history->related != 0)
		set_count(line, "related", history->related);
	set_count(line, "terminal", history->terminal);
	close_group(line, "}");
}

static void set_history(struct line *line, const tally_HistoryReply *history)
{
	put_key(line, "lines");
	open_group(line, "[");
	for (pb_size_t i = 0; i < history->lines_count; i++)
		put_history_line(line, &history->lines[i]);
	close_group(line, "]");
	set_count(line, "before", history->before);
}

static void set_rewards(
    struct line *line, const struct shop_facts *facts, bool cached)
{
	put_key(line, "rewards");
	open_group(line, "[");
	for (size_t i = 0; i < facts->reward_count; i++) {
		put_comma(line);
		open_group(line, "{");
		set_text(line, "reward", facts->rewards[i].id);
		set_text(line, "name", facts->rewards[i].name);
		set_count(line, "points", facts->rewards[i].points);
		close_group(line, "}");
	}
	close_group(line, "]");
	if (cached)
		set_bool(line, "cached", true);
}

static void set_checkpoint(
    struct line *line, const tally_CheckpointReply *checkpoint)
{
	struct bytes note =
	    bytes_of(checkpoint->note.bytes, checkpoint->note.size);

	set_count(line, "size", checkpoint->size);
	put_key(line, "note");
	put_text(line, bytes_are_text(note, "\n") ? note : bytes_of(NULL, 0));
	set_hashes(line, "inclusion",
	    bytes_of(checkpoint->inclusion.bytes, checkpoint->inclusion.size));
	set_hashes(line, "consistency",
	    bytes_of(
		checkpoint->consistency.bytes, checkpoint->consistency.size));
}

static void set_status(struct line *line, const struct till_result *result)
{
	static const char *const links[] = {
	    [LINK_TRYING] = "trying",
	    [LINK_UP] = "up",
	    [LINK_DOWN] = "down",
	};
	const struct till_status *status = &result->status;

	set_text(line, "link", links[status->link]);
	set_count(line, "waiting", status->waiting);
	set_count(line, "terminal", status->terminal);
	set_count(line, "cashier", status->cashier);
	set_text(line, "shop", result->facts->shop);
	set_text(line, "currency", result->facts->currency);
}

static void set_login(struct line *line, const struct till_result *result)
{
	set_count(line, "cashier", result->status.cashier);
	set_text(line, "name", result->login->name);
	set_text(line, "role", role_name((enum role)result->login->role));
}

/* The figures that belong to a refusal's code, in the order of DESIGN.md. */
static void set_figures(struct line *line, const struct refusal *refusal)
{
	switch (refusal->code) {
	case REFUSAL_INSUFFICIENT_POINTS:
		set_count(line, "required", refusal->required);
		set_number(line, "available", refusal->available);
		set_count(line, "missing", refusal->missing);
		break;
	case REFUSAL_RETURN_TOO_LARGE:
		set_count(line, "required", refusal->required);
		set_number(line, "available", refusal->available);
		break;
	case REFUSAL_AMOUNT_INVALID:
	case REFUSAL_LIMIT:
		set_count(line, "required", refusal->required);
		break;
	case REFUSAL_PIN_WRONG:
		set_count(line, "left", refusal->left);
		break;
	case REFUSAL_PIN_LOCKED:
		set_count(line, "wait_ms", refusal->wait_ms);
		break;
	default:
		break;
	}
}

static void set_done(struct line *line, const struct till_result *result)
{
	if (result->operation_reply)
		set_operation_reply(line, result->operation_reply);
	else if (result->member)
		set_member(line, result->member);
	else if (result->history)
		set_history(line, result->history);
	else if (result->checkpoint)
		set_checkpoint(line, result->checkpoint);
	else if (result->login)
		set_login(line, result);
	else if (result->pong)
		set_count(line, "time_ms", result->pong->time_ms);
	else if (result->what == TILL_DO_REWARDS)
		set_rewards(line, result->facts, result->cached);
	else if (result->facts)
		set_status(line, result);
}

static void set_end(struct line *line, const struct till_result *result)
{
	bool kept = result->end == TILL_SAVED || result->end == TILL_UNKNOWN;

	set_bool(
	    line, "ok", result->end == TILL_DONE || result->end == TILL_SAVED);
	if (result->end == TILL_DONE) {
		set_done(line, result);
		return;
	}
	if (kept) {
		set_bool(line, "pending", true);
		set_count(line, "operation", result->operation);
	}
	if (result->why)
		set_text(line, "why", result->why);
	set_figures(line, &result->refusal);
	set_text(line, "say", result->refusal.say);
}

static void set_link(struct line *line, const struct till_result *result)
{
	bool up = result->status.link == LINK_UP;

	set_text(line, "event", "link");
	set_bool(line, "up", up);
	if (up) {
		set_text(line, "shop", result->facts->shop);
		set_count(line, "terminal", result->status.terminal);
		set_count(line, "waiting", result->status.waiting);
		return;
	}
	if (result->why)
		set_text(line, "why", result->why);
	set_text(line, "say", result->refusal.say);
}

static void set_stopped(struct line *line, const struct till_result *result)
{
	set_text(line, "event", "stopped");
	set_text(line, "why", result->why);
	set_count(line, "waiting", result->status.waiting);
	set_text(line, "say", result->refusal.say);
}

static void set_renumbered(struct line *line, const struct till_result *result)
{
	set_text(line, "event", "renumbered");
	set_count(line, "operation", result->operation);
	set_count(line, "now", result->now);
}

static void set_settled(struct line *line, const struct till_result *result)
{
	set_text(line, "event", "settled");
	set_text(line, "do", till_do_name(result->what));
	set_id(line, result->id);
	set_count(line, "operation", result->operation);
	if (result->card[0] != '\0')
		set_text(line, "card", result->card);
	set_end(line, result);
}

void json_append_result(struct buffer *output, const struct till_result *result)
{
	struct line line = begin_line(output);

	switch (result->kind) {
	case TILL_LINK:
		set_link(&line, result);
		break;
	case TILL_STOPPED:
		set_stopped(&line, result);
		break;
	case TILL_RENUMBERED:
		set_renumbered(&line, result);
		break;
	case TILL_SETTLED:
		set_settled(&line, result);
		break;
	case TILL_MEMBER:
		set_text(&line, "event", "member");
		set_text(&line, "card", result->card);
		set_end(&line, result);
		break;
	case TILL_ANSWER:
		set_text(&line, "do", till_do_name(result->what));
		set_id(&line, result->id);
		set_end(&line, result);
		break;
	}
	end_line(&line);
}

static void set_scanner(
    struct line *line, const struct card_reader_event *event)
{
	set_text(line, "event", "scanner");
	set_bool(line, "plugged", event->kind == CARD_READER_PLUGGED);
	set_text(line, "why", event->name);
	set_text(line, "say", event->say);
}

static void set_scan(struct line *line, const struct card_reader_event *event)
{
	set_text(line, "event", "scan");
	if (event->kind == CARD_READER_CARD) {
		set_text(line, "card", event->card.number);
		set_text(
		    line, "symbology", symbology_name(event->card.symbology));
		return;
	}
	set_bool(line, "ok", false);
	set_text(line, "why", event->name);
	set_text(line, "say", event->say);
}

void json_append_scan(
    struct buffer *output, const struct card_reader_event *event)
{
	struct line line = begin_line(output);

	if (event->kind == CARD_READER_PLUGGED ||
	    event->kind == CARD_READER_UNPLUGGED)
		set_scanner(&line, event);
	else
		set_scan(&line, event);
	end_line(&line);
}

void json_append_end(struct buffer *output, size_t waiting)
{
	struct line line = begin_line(output);

	set_text(&line, "event", "end");
	set_count(&line, "waiting", waiting);
	set_text(&line, "say",
	    "What waits is saved and is sent when the till runs again.");
	end_line(&line);
}

void json_append_refusal(struct buffer *output, enum till_do what,
    const char *id, const char *why, const char *say)
{
	struct line line = begin_line(output);

	if (what != TILL_DO_NONE)
		set_text(&line, "do", till_do_name(what));
	set_id(&line, id);
	set_bool(&line, "ok", false);
	set_text(&line, "why", why);
	set_text(&line, "say", say);
	end_line(&line);
}
