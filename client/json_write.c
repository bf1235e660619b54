/*
 * json_write: the lines out: what kind of line each result is.
 */
#include "client/json_line.h"

static void set_end(struct json_line *line, const struct till_result *result)
{
	bool kept = result->end == TILL_SAVED || result->end == TILL_UNKNOWN;

	json_set_bool(
	    line, "ok", result->end == TILL_DONE || result->end == TILL_SAVED);
	if (result->end == TILL_DONE) {
		json_set_done(line, result);
		return;
	}
	if (kept) {
		json_set_bool(line, "pending", true);
		json_set_count(line, "operation", result->operation);
	}
	if (result->why)
		json_set_text(line, "why", result->why);
	json_set_figures(line, &result->refusal);
	json_set_text(line, "say", result->refusal.say);
}

static void set_link(struct json_line *line, const struct till_result *result)
{
	bool up = result->status.link == LINK_UP;

	json_set_text(line, "event", "link");
	json_set_bool(line, "up", up);
	if (up) {
		json_set_text(line, "shop", result->facts->shop);
		json_set_count(line, "terminal", result->status.terminal);
		json_set_count(line, "waiting", result->status.waiting);
		return;
	}
	if (result->why)
		json_set_text(line, "why", result->why);
	json_set_text(line, "say", result->refusal.say);
}

static void set_stopped(
    struct json_line *line, const struct till_result *result)
{
	json_set_text(line, "event", "stopped");
	json_set_text(line, "why", result->why);
	json_set_count(line, "waiting", result->status.waiting);
	json_set_text(line, "say", result->refusal.say);
}

static void set_renumbered(
    struct json_line *line, const struct till_result *result)
{
	json_set_text(line, "event", "renumbered");
	json_set_count(line, "operation", result->operation);
	json_set_count(line, "now", result->now);
}

static void set_settled(
    struct json_line *line, const struct till_result *result)
{
	json_set_text(line, "event", "settled");
	json_set_text(line, "do", till_do_name(result->what));
	json_set_id(line, result->id);
	json_set_count(line, "operation", result->operation);
	if (result->card[0] != '\0')
		json_set_text(line, "card", result->card);
	set_end(line, result);
}

void json_append_result(struct buffer *output, const struct till_result *result)
{
	struct json_line line = json_begin_line(output);

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
		json_set_text(&line, "event", "member");
		json_set_text(&line, "card", result->card);
		set_end(&line, result);
		break;
	case TILL_ANSWER:
		json_set_text(&line, "do", till_do_name(result->what));
		json_set_id(&line, result->id);
		set_end(&line, result);
		break;
	}
	json_end_line(&line);
}

static void set_scanner(
    struct json_line *line, const struct card_reader_event *event)
{
	json_set_text(line, "event", "scanner");
	json_set_bool(line, "plugged", event->kind == CARD_READER_PLUGGED);
	json_set_text(line, "why", event->name);
	json_set_text(line, "say", event->say);
}

static void set_scan(
    struct json_line *line, const struct card_reader_event *event)
{
	json_set_text(line, "event", "scan");
	if (event->kind == CARD_READER_CARD) {
		json_set_text(line, "card", event->card.number);
		json_set_text(
		    line, "symbology", symbology_name(event->card.symbology));
		return;
	}
	json_set_bool(line, "ok", false);
	json_set_text(line, "why", event->name);
	json_set_text(line, "say", event->say);
}

void json_append_scan(
    struct buffer *output, const struct card_reader_event *event)
{
	struct json_line line = json_begin_line(output);

	if (event->kind == CARD_READER_PLUGGED ||
	    event->kind == CARD_READER_UNPLUGGED)
		set_scanner(&line, event);
	else
		set_scan(&line, event);
	json_end_line(&line);
}

void json_append_end(struct buffer *output, size_t waiting)
{
	struct json_line line = json_begin_line(output);

	json_set_text(&line, "event", "end");
	json_set_count(&line, "waiting", waiting);
	json_set_text(&line, "say",
	    "What waits is saved and is sent when the till runs again.");
	json_end_line(&line);
}

void json_append_refusal(struct buffer *output, enum till_do what,
    const char *id, const char *why, const char *say)
{
	struct json_line line = json_begin_line(output);

	if (what != TILL_DO_NONE)
		json_set_text(&line, "do", till_do_name(what));
	json_set_id(&line, id);
	json_set_bool(&line, "ok", false);
	json_set_text(&line, "why", why);
	json_set_text(&line, "say", say);
	json_end_line(&line);
}
