/*
 * law_earn: owns what a sale gives: with a card, and without one until somebody
 * claims it.
 *
 * A till's own time of a sale decides what the sale earns and which day's
 * counters it is in: the customer was promised what the till showed. The stamps
 * of its points are those of the day on which they are recorded: otherwise a
 * till could make points active at once by naming an older day, and points that
 * came late over New Year could have lapsed before they were there.
 */
#include "common/law/law_inside.h"

#include <inttypes.h>

#include "common/law/earn.h"
#include "common/law/law_tier.h"

/* --- a sale, as it is said ------------------------------------------------ */

static bool take_amount(
    struct deciding *deciding, const struct programme *programme)
{
	uint64_t amount_minor = deciding->command->amount_minor;
	uint64_t max = programme->sale_amount_minor_max;

	if (amount_minor >= 1 && amount_minor <= max) {
		deciding->entry->amount_minor = amount_minor;
		return true;
	}
	deciding->refusal->required = max;
	return law_refuse(deciding, REFUSAL_AMOUNT_INVALID,
	    "A sale is 0.01 to %" PRIu64 ".%02" PRIu64 " %s. Check the amount.",
	    max / 100, max % 100, programme->currency);
}

/* Lines are kept wherever they were given, for they may come back one by one.
 */
static bool take_lines(
    struct deciding *deciding, const struct programme *programme)
{
	struct bytes lines = deciding->command->lines;
	uint64_t amount_minor = deciding->entry->amount_minor;
	int64_t sum_minor;

	if (lines.size == 0)
		return true;
	if (!lines_are_sound(lines))
		return law_refuse(deciding, REFUSAL_LINES_INVALID,
		    "A sale has at most %u lines, each with an amount and "
		    "names of at most %u bytes. Ring it up without its lines.",
		    LINES_MAX, LINE_NAME_SIZE_MAX);
	sum_minor = lines_amount_minor(lines);
	if (sum_minor < 0 || (uint64_t)sum_minor != amount_minor) {
		deciding->refusal->required = amount_minor;
		deciding->refusal->available = sum_minor;
		return law_refuse(deciding, REFUSAL_LINES_INVALID,
		    "The lines do not make up the %" PRIu64 ".%02" PRIu64
		    " %s of the sale. Check the amount.",
		    amount_minor / 100, amount_minor % 100,
		    programme->currency);
	}
	deciding->entry->lines = lines;
	deciding->entry->has |= ENTRY_HAS(TAG_LINES);
	return true;
}

static bool take_paid(
    struct deciding *deciding, const struct programme *programme)
{
	uint64_t paid_minor = deciding->command->paid_minor;
	uint64_t amount_minor = deciding->entry->amount_minor;

	if (paid_minor == 0)
		return true;
	if (paid_minor > amount_minor) {
		deciding->refusal->required = amount_minor;
		return law_refuse(deciding, REFUSAL_AMOUNT_INVALID,
		    "At most the %" PRIu64 ".%02" PRIu64
		    " %s of the sale can be paid with points.",
		    amount_minor / 100, amount_minor % 100,
		    programme->currency);
	}
	deciding->entry->paid_minor = paid_minor;
	deciding->entry->has |= ENTRY_HAS(TAG_PAID);
	return true;
}

static void say_sold(struct deciding *deciding, uint64_t sold_ms)
{
	deciding->entry->sold_ms = sold_ms;
	deciding->entry->has |= ENTRY_HAS(TAG_SOLD);
}

/*
 * When the till says that it sold, where that is long enough ago to matter and
 * not so long ago that the programme would not listen. A time to come is a
 * wrong clock. What does not count is passed over: the sale itself was real.
 */
static uint64_t heard_ms(
    const struct programme *programme, uint64_t sold_ms, uint64_t now_ms)
{
	int32_t today;

	if (sold_ms == 0 || sold_ms >= now_ms ||
	    now_ms - sold_ms <= SOLD_SLACK_MS)
		return now_ms;
	today = zone_local(&programme->zone, now_ms).day;
	if (zone_local(&programme->zone, sold_ms).day <
	    today - (int32_t)programme->late_days_max)
		return now_ms;
	return sold_ms;
}

static uint64_t claimed_ms(const struct entry *sale)
{
	return sale->sold_ms != 0 ? sale->sold_ms : sale->time_ms;
}

uint64_t law_sold_ms(
    const struct book *book, const struct command *command, uint64_t now_ms)
{
	const struct book_programme *version = book_programme(book);
	uint64_t last_ms = book_head(book)->time_ms;

	if (command->related != NULL)
		return claimed_ms(command->related);
	if (now_ms < last_ms)
		now_ms = last_ms;
	return version == NULL
		   ? now_ms
		   : heard_ms(version->programme, command->sold_ms, now_ms);
}

static void take_sold(
    struct deciding *deciding, const struct programme *programme)
{
	uint64_t now_ms = deciding->entry->time_ms;
	uint64_t sold_ms =
	    heard_ms(programme, deciding->command->sold_ms, now_ms);

	if (sold_ms != now_ms)
		say_sold(deciding, sold_ms);
}

static bool take_sale(
    struct deciding *deciding, const struct programme *programme)
{
	if (!take_amount(deciding, programme) ||
	    !take_lines(deciding, programme) ||
	    !take_paid(deciding, programme) || !law_take_receipt(deciding))
		return false;
	take_sold(deciding, programme);
	return true;
}

bool law_decide_sale(struct deciding *deciding)
{
	const struct programme *programme = law_in_force(deciding);

	if (programme == NULL)
		return false;
	if (programme->claim_days == 0)
		return law_refuse(deciding, REFUSAL_NOT_ALLOWED,
		    "This shop does not keep sales without a card.");
	if (deciding->command->paid_minor != 0)
		return law_refuse_malformed(
		    deciding, "without a card nothing is paid with points");
	return take_sale(deciding, programme);
}

/* --- a late claim --------------------------------------------------------- */

static bool ask_claim(struct deciding *deciding,
    const struct programme *programme, const struct entry *sale)
{
	const struct command *command = deciding->command;
	int32_t sale_day;

	if (sale == NULL || sale->kind != ENTRY_SALE || sale->sequence == 0 ||
	    sale->sequence > book_head(deciding->book)->sequence)
		return law_refuse(deciding, REFUSAL_SALE_UNKNOWN,
		    "There is no such sale. Check the number on the receipt.");
	if (programme->claim_days == 0)
		return law_refuse(deciding, REFUSAL_CLAIM_LATE,
		    "This shop gives no points after the sale.");
	sale_day = zone_local(&programme->zone, sale->time_ms).day;
	if (law_today(deciding, programme) - sale_day >
	    (int64_t)programme->claim_days) {
		deciding->refusal->required = programme->claim_days;
		return law_refuse(deciding, REFUSAL_CLAIM_LATE,
		    "Points can be claimed for %u days after the sale; this "
		    "one is older.",
		    programme->claim_days);
	}
	if (command->receipt.size == 0 ||
	    !bytes_equal(command->receipt, sale->receipt))
		return law_refuse(deciding, REFUSAL_RECEIPT_WRONG,
		    "This is not that sale's receipt. Check its number.");
	if (book_is_claimed(deciding->book, sale->sequence))
		return law_refuse(deciding, REFUSAL_CLAIMED,
		    "This sale has its points already.");
	return true;
}

/* What the sale said counts, and nothing that is said again. */
static bool take_claim(
    struct deciding *deciding, const struct programme *programme)
{
	const struct entry *sale = deciding->command->related;
	struct entry *entry = deciding->entry;

	if (!law_take_receipt(deciding) ||
	    !ask_claim(deciding, programme, sale))
		return false;
	entry->related_sequence = sale->sequence;
	entry->amount_minor = sale->amount_minor;
	if (sale->lines.size > 0) {
		entry->lines = sale->lines;
		entry->has |= ENTRY_HAS(TAG_LINES);
	}
	say_sold(deciding, claimed_ms(sale));
	return true;
}

/* --- what it earns -------------------------------------------------------- */

/* Where it was sold: a claim is judged by the till that rang it up. */
static uint64_t shop_of(const struct deciding *deciding)
{
	const struct entry *sale = deciding->command->related;
	const struct book_terminal *terminal = book_terminal(deciding->book,
	    sale != NULL ? sale->terminal : deciding->command->terminal);

	if (terminal == NULL || terminal->shop[0] == '\0')
		return 0;
	return programme_name(bytes_of_string(terminal->shop));
}

static struct earn_sale describe(struct deciding *deciding,
    const struct programme *programme, const struct book_member *member)
{
	const struct entry *entry = deciding->entry;
	struct earn_sale sale = {
	    .amount_minor = entry->amount_minor,
	    .paid_minor = entry->paid_minor,
	    .lines = entry->lines,
	    .when = entry->sold_ms != 0
			? zone_local(&programme->zone, entry->sold_ms)
			: law_now(deciding, programme),
	    .shop = shop_of(deciding),
	    .is_birthday =
		deciding->command->is_birthday && programme->has_birthday_rule,
	};

	if (programme->tier_count > 0)
		sale.tier_level =
		    law_tier_on(programme, member, sale.when.day).level;
	return sale;
}

static bool ask_member(struct deciding *deciding,
    const struct programme *programme, const struct book_member *member,
    int32_t day)
{
	uint32_t max = programme->day_sales_max;
	uint32_t all;

	if (law_is_own_card(deciding, member))
		return law_refuse_own_card(deciding);
	if (max == 0)
		return true;
	all = programme_ident(IDENT_KIND_EARN, bytes_of(NULL, 0));
	if (book_count(member, all, COUNT_TIMES_DAY, day) < max)
		return true;
	deciding->refusal->required = max;
	return law_refuse(deciding, REFUSAL_SALES_LIMIT,
	    "This card has had its %u sale%s of the day. More earn nothing.",
	    max, max == 1 ? "" : "s");
}

/* A checkpoint that the ledger has reached decides a chance; without one no
 * chance is won. */
static void draw(struct deciding *deciding, const struct book_member *member,
    struct earn_sale *sale)
{
	const struct command *command = deciding->command;

	if (command->draw_size == 0 ||
	    command->draw_size > book_head(deciding->book)->sequence)
		return;
	sale->draw = earn_draw(book_hasher(deciding->book), &command->draw_root,
	    command->terminal, command->counter,
	    bytes_of(command->random, sizeof(command->random)),
	    member->account);
	sale->has_draw = true;
}

static void say_draw(struct deciding *deciding)
{
	struct entry *entry = deciding->entry;

	entry->draw_size = deciding->command->draw_size;
	entry->draw_root = deciding->command->draw_root;
	entry->has |= ENTRY_HAS(TAG_DRAW);
}

static void say_parts(struct deciding *deciding, const struct earning *earning)
{
	struct writer writer = writer_of(deciding->parts, PARTS_SIZE_MAX);

	if (earning->part_count == 0)
		return;
	for (size_t place = 0; place < earning->part_count; place++)
		part_write(&writer, &earning->parts[place]);
	deciding->entry->parts = writer_view(&writer);
	deciding->entry->has |= ENTRY_HAS(TAG_PARTS);
}

static uint64_t evaluate(struct deciding *deciding,
    const struct programme *programme, const struct book_member *member,
    struct earn_sale *sale)
{
	struct earning earning;

	if (programme->has_chance_rule)
		draw(deciding, member, sale);
	earn_evaluate(programme, deciding->book, member, sale, &earning);
	if (earning.needs_draw && sale->has_draw)
		say_draw(deciding);
	if (!programme->is_plain)
		say_parts(deciding, &earning);
	if (sale->is_birthday) {
		deciding->entry->facts = FACT_BIRTHDAY;
		deciding->entry->has |= ENTRY_HAS(TAG_FACTS);
	}
	return earning.points;
}

static bool give_points(struct deciding *deciding,
    const struct programme *programme, const struct book_member *member,
    uint64_t points)
{
	struct lot lot = {.points = points};

	programme_stamps(programme, law_today(deciding, programme),
	    &lot.active_day, &lot.expiry_day);
	return law_move(deciding, &(struct law_move){.to = member,
				      .own = ACCOUNT_ISSUED,
				      .points = points,
				      .lots = law_one_lot(deciding, &lot)});
}

/* A sale may lift its member at once, or renew what the member has. */
static void lift(struct deciding *deciding, const struct programme *programme,
    const struct book_member *member, int32_t sale_day)
{
	struct law_tier_change change = {
	    .today = law_today(deciding, programme),
	    .sale_day = sale_day,
	    .value = book_qualify_value(programme, deciding->entry),
	};
	struct law_tier tier;

	if (programme->tier_count > 0 &&
	    law_tier_after_sale(programme, member, &change, &tier))
		law_say_tier(deciding, tier);
}

bool law_decide_earn(struct deciding *deciding)
{
	const struct command *command = deciding->command;
	const struct programme *programme = law_in_force(deciding);
	bool is_claim = command->wants_related || command->related != NULL;
	const struct book_member *member;
	struct earn_sale sale;

	if (programme == NULL || !(is_claim ? take_claim(deciding, programme)
					    : take_sale(deciding, programme)))
		return false;
	member = law_find_member(deciding, command->account);
	if (member == NULL)
		return false;
	sale = describe(deciding, programme, member);
	if (!ask_member(deciding, programme, member, sale.when.day) ||
	    !give_points(deciding, programme, member,
		evaluate(deciding, programme, member, &sale)))
		return false;
	lift(deciding, programme, member, sale.when.day);
	return true;
}
