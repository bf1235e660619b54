/*
 * command_sale: what happens at a counter: sales with a card and without, what
 * points buy, and what comes back.
 */
#include <string.h>

#include "common/ledger/lists.h"
#include "server/command_inside.h"

/* --- lists ------------------------------------------------------------------
 */

/* The lines as the ledger keeps them, in the shop's scratch. That they are
 * within limits is the law's to say. */
static struct bytes encode_lines(
    struct shop *shop, const tally_Line *lines, pb_size_t count)
{
	struct writer writer = writer_of(shop->lines, sizeof(shop->lines));
	pb_size_t i;

	for (i = 0; i < count; i++) {
		struct sale_line line = {
		    .category = bytes_of_string(lines[i].category),
		    .product = bytes_of_string(lines[i].product),
		    .quantity = lines[i].quantity,
		    .amount_minor = lines[i].amount_minor};

		sale_line_write(&writer, &line);
	}
	return writer_view(&writer);
}

/* False: a line that no sale has. */
static bool encode_backs(struct asking *asking, const tally_ReturnLine *lines,
    pb_size_t count, struct bytes *ret_backs)
{
	struct shop *shop = asking->shop;
	struct writer writer = writer_of(shop->lines, sizeof(shop->lines));
	pb_size_t i;

	for (i = 0; i < count; i++) {
		struct back back = {.line = (uint8_t)lines[i].line,
		    .quantity = lines[i].quantity,
		    .amount_minor = lines[i].amount_minor};

		if (lines[i].line >= LINES_MAX) {
			command_refuse(asking, REFUSAL_LINES_INVALID,
			    "No sale has a line %lu.",
			    (unsigned long)lines[i].line + 1);
			return false;
		}
		back_write(&writer, &back);
	}
	*ret_backs = writer_view(&writer);
	return true;
}

/* --- sales ------------------------------------------------------------------
 */

/* The newest checkpoint, where a rule draws: what the till could not foresee
 * when it drew the operation's random bytes, and anyone can look up. */
static void take_draw(struct asking *asking, struct command *command)
{
	const struct book_programme *current =
	    book_programme(ledger_book(asking->shop->ledger));
	bool draws = false;
	size_t i;

	if (current == NULL)
		return;
	for (i = 0; i < current->programme->rule_count && !draws; i++)
		draws = current->programme->rules[i].chance > 0;
	if (draws)
		command->draw_size = ledger_checkpoint_root(
		    asking->shop->ledger, &command->draw_root);
}

/* Birthdays are no part of the chain: it only learns that it was near one. */
static void take_birthday(struct asking *asking, struct command *command)
{
	const struct book_programme *current =
	    book_programme(ledger_book(asking->shop->ledger));
	const struct programme *programme;
	uint16_t birthday;

	if (current == NULL || !current->programme->has_birthday_rule)
		return;
	programme = current->programme;
	birthday =
	    directory_birthday(asking->shop->directory, command->account);
	if (birthday == 0)
		return;
	command->is_birthday =
	    law_is_birthday(programme, birthday / 100, birthday % 100,
		zone_local(&programme->zone,
		    law_sold_ms(ledger_book(asking->shop->ledger), command,
			asking->now_ms))
		    .day);
}

enum result command_earn(struct asking *asking, struct error *err)
{
	const tally_Earn *earn = &asking->request->body.earn;
	struct command command = {.kind = ENTRY_EARN,
	    .amount_minor = earn->amount_minor,
	    .paid_minor = earn->paid_minor,
	    .sold_ms = earn->sold_ms,
	    .receipt = bytes_of_string(earn->receipt),
	    .lines =
		encode_lines(asking->shop, earn->lines, earn->lines_count)};
	enum result result = RESULT_OK;
	struct entry sale;
	bool is_new;

	if (!command_take_member(asking, earn->card, earn->has_operation,
		&earn->operation, &command))
		return RESULT_OK;
	if (earn->claim != 0)
		result =
		    command_relate(asking, earn->claim, &sale, &command, err);
	if (result != RESULT_OK)
		return result;
	take_draw(asking, &command);
	take_birthday(asking, &command);
	return command_stage(asking, &command, NULL, &is_new, err);
}

enum result command_sale(struct asking *asking, struct error *err)
{
	const tally_Sale *sale = &asking->request->body.sale;
	struct command command = {.kind = ENTRY_SALE,
	    .amount_minor = sale->amount_minor,
	    .sold_ms = sale->sold_ms,
	    .receipt = bytes_of_string(sale->receipt),
	    .lines =
		encode_lines(asking->shop, sale->lines, sale->lines_count)};
	bool is_new;

	if (!command_name(
		asking, sale->has_operation, &sale->operation, &command))
		return RESULT_OK;
	return command_stage(asking, &command, NULL, &is_new, err);
}

/* --- what points buy --------------------------------------------------------
 */

/* The hold names its member: the card may be left out. */
static bool take_holder(
    struct asking *asking, const tally_Redeem *redeem, struct command *command)
{
	if (redeem->card[0] != '\0')
		return command_take_member(asking, redeem->card,
		    redeem->has_operation, &redeem->operation, command);
	return command_name(
	    asking, redeem->has_operation, &redeem->operation, command);
}

static enum result capture(struct asking *asking, const tally_Redeem *redeem,
    struct command *command, struct error *err)
{
	enum result result;
	struct entry hold;
	bool is_new;

	if (redeem->reward[0] != '\0' || redeem->points != 0 ||
	    redeem->amount_minor != 0)
		return command_refuse(asking, REFUSAL_MALFORMED,
		    "Reward, points and amount are those of the hold.");
	if (!take_holder(asking, redeem, command))
		return RESULT_OK;
	result = command_relate(asking, redeem->hold, &hold, command, err);
	if (result != RESULT_OK)
		return result;
	if (command->account == 0 && command->related != NULL &&
	    hold.kind == ENTRY_HOLD)
		command->account = entry_member(&hold);
	if (command->account == 0)
		return command_refuse(asking, REFUSAL_HOLD_UNKNOWN,
		    "There is no such redemption under way.");
	return command_stage(asking, command, NULL, &is_new, err);
}

enum result command_redeem(struct asking *asking, struct error *err)
{
	const tally_Redeem *redeem = &asking->request->body.redeem;
	struct command command = {.kind = ENTRY_REDEEM,
	    .reward = bytes_of_string(redeem->reward),
	    .receipt = bytes_of_string(redeem->receipt),
	    .points = redeem->points,
	    .amount_minor = redeem->amount_minor};
	bool is_new;

	if (redeem->hold != 0)
		return capture(asking, redeem, &command, err);
	if (!command_take_member(asking, redeem->card, redeem->has_operation,
		&redeem->operation, &command))
		return RESULT_OK;
	return command_stage(asking, &command, NULL, &is_new, err);
}

enum result command_hold(struct asking *asking, struct error *err)
{
	const tally_Hold *hold = &asking->request->body.hold;
	struct command command = {.kind = ENTRY_HOLD,
	    .reward = bytes_of_string(hold->reward),
	    .receipt = bytes_of_string(hold->receipt),
	    .points = hold->points,
	    .amount_minor = hold->amount_minor};
	bool is_new;

	if (!command_take_member(asking, hold->card, hold->has_operation,
		&hold->operation, &command))
		return RESULT_OK;
	return command_stage(asking, &command, NULL, &is_new, err);
}

/* --- what comes back --------------------------------------------------------
 */

/* What has not come names no entry: it is refused when it does. */
enum result command_void(struct asking *asking, struct error *err)
{
	const tally_Void *undo = &asking->request->body.void_operation;
	struct command command = {
	    .kind = ENTRY_VOID, .voided_counter = undo->counter};
	enum result result;
	struct entry undone;
	bool is_new;

	if (!command_name(
		asking, undo->has_operation, &undo->operation, &command))
		return RESULT_OK;
	result = ledger_find(asking->shop->ledger, command.terminal,
	    undo->counter, &asking->shop->record, &undone, err);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return result;
	if (result == RESULT_OK) {
		command.wants_related = true;
		command.related = &undone;
	}
	return command_stage(asking, &command, NULL, &is_new, err);
}

enum result command_return(struct asking *asking, struct error *err)
{
	const tally_Return *goods = &asking->request->body.return_goods;
	struct command command = {.kind = ENTRY_RETURN,
	    .amount_minor = goods->amount_minor,
	    .points = goods->points,
	    .receipt = bytes_of_string(goods->receipt)};
	enum result result;
	struct entry sale;
	bool is_new;

	if (!encode_backs(
		asking, goods->lines, goods->lines_count, &command.backs) ||
	    !command_name(
		asking, goods->has_operation, &goods->operation, &command))
		return RESULT_OK;
	result = command_relate(asking, goods->entry, &sale, &command, err);
	if (result != RESULT_OK)
		return result;
	return command_stage(asking, &command, NULL, &is_new, err);
}
