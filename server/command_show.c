/*
 * command_show: the owner's look at one member: points by their last day, what
 * is under way, cards, and what is known of the person.
 */
#include <string.h>

#include "server/command_inside.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- private rows -----------------------------------------------------------
 */

/* A row's body in `to`; empty where there is none, or none is written yet. */
static enum result read_row(struct shop *shop, enum private_kind kind,
    uint64_t id, struct buffer *to, struct error *err)
{
	enum result result;

	to->size = 0;
	result = shop->store->ops->private_read(shop->store, kind, id, to, err);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static bool card_holds(struct asking *asking, const struct book_member *member,
    struct bytes body, const struct hash *commitment, tally_CardLine *line)
{
	struct card_row card;
	struct hash hash;

	line->blocked = member->extra != NULL && member->extra->is_card_blocked;
	line->card[0] = '\0';
	if (card_row_decode(body, &card, NULL) != RESULT_OK)
		return false;
	command_copy_text(line->card, sizeof(line->card), card.number);
	hash =
	    card_row_commitment(asking->shop->hasher, &card, member->account);
	return hash_equal(&hash, commitment);
}

/* The card of the enrolment, and whether the enrol entry's commitment holds for
 * what is kept of it. What is gone does not hold. */
static enum result show_card(struct asking *asking,
    const struct book_member *member, struct buffer *body, struct error *err)
{
	tally_MemberShowReply *reply = &asking->reply->body.member_show;
	struct shop *shop = asking->shop;
	struct entry entry;
	enum result result = ledger_read(shop->ledger,
	    member->enrolled_sequence, &shop->record, &entry, err);

	if (result == RESULT_OK)
		result =
		    read_row(shop, PRIVATE_CARD, member->account, body, err);
	if (result != RESULT_OK)
		return result;
	reply->enrolled_ms = entry.time_ms;
	reply->commitment_holds = card_holds(asking, member, buffer_view(body),
	    &entry.commitment, &reply->cards[0]);
	reply->cards_count = 1;
	return RESULT_OK;
}

static enum result show_further_cards(struct asking *asking,
    const struct book_member *member, struct buffer *body, struct error *err)
{
	tally_MemberShowReply *reply = &asking->reply->body.member_show;
	const struct book_extra *extra = member->extra;
	uint32_t i;

	for (i = 0; extra != NULL && i < extra->card_count &&
		    reply->cards_count < COUNT(reply->cards);
	     i++) {
		tally_CardLine *line = &reply->cards[reply->cards_count++];
		struct more_card_row card = {.number = ""};
		enum result result = read_row(asking->shop, PRIVATE_MORE_CARD,
		    extra->cards[i], body, err);

		if (result != RESULT_OK)
			return result;
		(void)!more_card_row_decode(buffer_view(body), &card, NULL);
		line->blocked = (extra->blocked_cards >> i & 1) != 0;
		command_copy_text(line->card, sizeof(line->card), card.number);
	}
	return RESULT_OK;
}

/* Nothing is committed to where nothing was ever set, or all was erased. */
static enum result show_details(struct asking *asking,
    const struct book_member *member, struct buffer *body, struct error *err)
{
	tally_MemberShowReply *reply = &asking->reply->body.member_show;
	struct member_row details = {.name = ""};
	struct hash hash;
	enum result result =
	    read_row(asking->shop, PRIVATE_MEMBER, member->account, body, err);

	if (result != RESULT_OK || body->size == 0)
		return result;
	if (member_row_decode(buffer_view(body), &details, NULL) != RESULT_OK) {
		reply->commitment_holds = false;
		return RESULT_OK;
	}
	hash = member_row_commitment(
	    asking->shop->hasher, &details, member->account);
	if (book_details(member) == NULL ||
	    !hash_equal(&hash, book_details(member)))
		reply->commitment_holds = false;
	command_copy_text(reply->name, sizeof(reply->name), details.name);
	command_copy_text(reply->phone, sizeof(reply->phone), details.phone);
	reply->birthday = details.birthday;
	return RESULT_OK;
}

static bool is_listed(
    const tally_MemberShowReply *reply, const struct entry *entry)
{
	pb_size_t i;

	for (i = 0; i < reply->segments_count; i++)
		if (bytes_equal(
			bytes_of_string(reply->segments[i].id), entry->segment))
			return true;
	return false;
}

/* An entry that put the member into a segment that it is still in. */
static void list_segment(const struct book_member *member,
    const struct entry *entry, tally_MemberShowReply *reply)
{
	tally_SegmentLine *line;

	if (entry->kind != ENTRY_MEMBER || entry->segment.size == 0 ||
	    !book_has_segment(
		member, programme_ident("segment", entry->segment)) ||
	    is_listed(reply, entry))
		return;
	line = &reply->segments[reply->segments_count++];
	memcpy(line->id, entry->segment.data, entry->segment.size);
	line->id[entry->segment.size] = '\0';
}

/* The book keeps what segments hash to; their names are in the entries. */
static enum result show_segments(
    struct asking *asking, const struct book_member *member, struct error *err)
{
	tally_MemberShowReply *reply = &asking->reply->body.member_show;
	struct shop *shop = asking->shop;
	uint32_t count =
	    member->extra == NULL ? 0 : member->extra->segment_count;
	uint64_t from = member->last_sequence;
	uint32_t steps;

	for (steps = 0; from != 0 && reply->segments_count < count &&
			steps < SEGMENT_WALK_MAX;
	     steps++) {
		struct entry entry;
		enum result result =
		    ledger_read(shop->ledger, from, &shop->record, &entry, err);

		if (result != RESULT_OK)
			return result;
		list_segment(member, &entry, reply);
		from = command_previous_of(&entry, member->account);
	}
	reply->segments_more = count - reply->segments_count;
	return RESULT_OK;
}

static enum result show_person(
    struct asking *asking, const struct book_member *member, struct error *err)
{
	struct buffer body = {0};
	enum result result = show_card(asking, member, &body, err);

	if (result == RESULT_OK)
		result = show_further_cards(asking, member, &body, err);
	if (result == RESULT_OK)
		result = show_details(asking, member, &body, err);
	if (result == RESULT_OK)
		result = show_segments(asking, member, err);
	buffer_finish(&body);
	return result;
}

/* --- points -----------------------------------------------------------------
 */

static void show_lots(
    const struct points_now *now, tally_MemberShowReply *reply)
{
	uint32_t i;

	for (i = 0; i < now->pool->lot_count; i++) {
		const struct lot *lot = &now->pool->lots[i];
		int32_t until = book_lot_expiry_day(now->pool, lot);
		tally_LotLine *line;

		if (reply->lots_count == COUNT(reply->lots)) {
			reply->lots_more = now->pool->lot_count - i;
			return;
		}
		line = &reply->lots[reply->lots_count++];
		*line = (tally_LotLine){.points = lot->points};
		if (until != LOT_NEVER)
			day_format(until, line->until);
		if (lot->active_day > now->today)
			day_format(lot->active_day, line->from);
	}
}

static void show_holds(struct asking *asking, const struct points_now *now,
    tally_MemberShowReply *reply)
{
	const struct book_extra *extra = now->pool->extra;
	uint32_t i;

	for (i = 0; extra != NULL && i < extra->hold_count &&
		    reply->holds_count < COUNT(reply->holds);
	     i++) {
		const struct book_hold *hold = &extra->holds[i];

		if (hold->until_ms <= asking->now_ms)
			continue;
		reply->holds[reply->holds_count++] =
		    (tally_HoldLine){.entry = hold->sequence,
			.points = hold->points,
			.until_ms = hold->until_ms};
	}
}

static void show_points(struct asking *asking, const struct book_member *member)
{
	tally_MemberShowReply *reply = &asking->reply->body.member_show;
	struct points_now now;

	command_points_now(asking, member->account, &now);
	if (now.pool == NULL)
		return;
	reply->balance = now.pool->balance_points;
	reply->spendable = now.spendable;
	reply->pending = now.pending;
	command_copy_text(reply->tier, sizeof(reply->tier), now.tier);
	/* One that is over is fallen, and not written down yet. */
	if (now.tier[0] != '\0' && now.pool->tier_until_day >= now.today)
		day_format(now.pool->tier_until_day, reply->tier_until);
	show_lots(&now, reply);
	show_holds(asking, &now, reply);
}

/* --- the whole --------------------------------------------------------------
 */

enum result command_member_show(struct asking *asking, struct error *err)
{
	tally_MemberShowReply *reply = &asking->reply->body.member_show;
	const char *scanned = asking->request->body.member_show.card;
	const struct book_member *member;
	char number[CARD_SIZE_MAX + 1];
	struct directory_card card;
	enum result result;
	uint64_t next;

	if (!command_find_member(asking, scanned, &card) ||
	    !command_find_card(asking, scanned, number, &card))
		return RESULT_OK;
	member = book_member(ledger_book(asking->shop->ledger), card.account);
	if (member == NULL)
		return error_set(err, RESULT_CORRUPT,
		    "a card names a member whom the ledger does not know");
	*reply = (tally_MemberShowReply){.account = card.account,
	    .last_entry = member->last_sequence,
	    .pools_with = book_joined_to(member),
	    .blocked = command_card_is_blocked(asking->shop, &card)};
	asking->reply->which_body = tally_Reply_member_show_tag;
	command_copy_text(reply->card, sizeof(reply->card), number);
	show_points(asking, member);
	result = show_person(asking, member, err);
	if (result == RESULT_OK)
		result = command_history_lines(asking, card.account,
		    member->last_sequence, reply->lines, &reply->lines_count,
		    &next, err);
	return result;
}
