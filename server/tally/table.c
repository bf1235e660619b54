/*
 * table: owns the table of verbs, which is also the manual.
 */
#include "server/tally/verbs.h"

static const struct option_rule terminal_add[] = {
    {"--role", "till|auditor", false,
	"what it may do; a till unless said otherwise"},
    {"--shop-id", "ID", false,
	"of a chain: which shop it stands in, as rules name it"},
    {"--valid", "MINUTES", false,
	"how long the token may wait, 1 to 43200; an hour unless said"},
    {0}};

static const struct option_rule member_set[] = {
    {"--name", "NAME", false, "who it is; '' takes it away, here and below"},
    {"--phone", "PHONE", false, "at most 32 characters"},
    {"--birthday", "MM-DD", false, "for birthday rules, such as 03-14"},
    {"--segment", "ID", false,
	"instead: put the member into this segment, as rules name it"},
    {"--remove", NULL, false, "with --segment: take it out again"}, {0}};

static const struct option_rule card_block[] = {
    {"--reason", "TEXT", false, "such as 'lost'; kept for ever"}, {0}};

static const struct option_rule goodwill[] = {
    {"--reason", "TEXT", false, "why; kept for ever", true},
    {"--take", NULL, false, "take them instead of giving them"}, {0}};

static const struct option_rule import[] = {
    {"--dry-run", NULL, false, "look at every line and write nothing"}, {0}};

static const struct option_rule cashier_add[] = {
    {"--role", "cashier|supervisor", false,
	"what they may do; a cashier unless said otherwise"},
    {"--pin", "PIN", false,
	"4 to 12 digits; others may see it on this command line, so it is "
	"better to be asked"},
    {0}};

static const struct option_rule reward_add[] = {
    {"--name", "NAME", false, "what the customer reads", true},
    {"--points", "N", false, "what it costs", true}, {0}};

static const struct option_rule programme_show[] = {
    {"--at", "SEQUENCE|DATE", false,
	"what was in force at that entry, or at the end of that day (such as "
	"2026-02-28, or '2026-02-28 17:30', local time)"},
    {0}};

static const struct option_rule programme_explain[] = {
    {"--identity", "DIR", false,
	"ask the server that this auditor was enrolled with, instead of a "
	"folder"},
    {"--server", "HOST:PORT", false, "with --identity: at this address"}, {0}};

static const struct option_rule programme_simulate[] = {
    {"--sales", "CSV", false, "the sales; - is standard input", true},
    {"--as", "FIELD=COLUMN", true,
	"what a column is, by its name or number: date, time, customer, "
	"amount, cents, basket, shop, category, product, quantity; may be "
	"given again"},
    {"--against", "FILE", false,
	"compare with these rules instead of the shop's own"},
    {"--redeem", NULL, false,
	"each member takes, at each visit, the dearest reward to be had"},
    {"--point-value", "AMOUNT", false,
	"what a point costs you, such as 0.008; else the rewards' cost says"},
    {0}};

static const struct option_rule audit[] = {
    {"--checkpoint", "FILE", true,
	"hold the ledger against a checkpoint that was kept outside the shop; "
	"may be given again"},
    {"--hashes-only", NULL, false,
	"hashes, tree and checkpoints, not the rules and balances; faster"},
    {"--server", "HOST:PORT", false,
	"audit over the network what that server has"},
    {"--identity", "DIR", false,
	"the folder that `tally enrol` made; with it, the server is the one "
	"that was enrolled with unless --server names another address"},
    {0}};

static const struct option_rule enrol[] = {
    {"--server", "HOST:PORT", false, "where the shop's server listens", true},
    {"--token", "TOKEN", false, "from `tally terminal add`", true}, {0}};

const struct verb verbs[] = {
    {"terminal add", "NAME", "let a new till or auditor in", terminal_add,
	"Prints its number, what to do next, and alone on the last line the\n"
	"one-time token that enrols it. Whoever has the token can become this\n"
	"terminal, once, until it expires. The token also says which server "
	"is\n"
	"the shop's, so a till cannot be lured to another.",
	run_terminal_add},
    {"terminal list", "", "all tills and auditors", NULL,
	"State is waiting (its token has not been used), active or revoked.",
	run_terminal_list},
    {"terminal revoke", "NUMBER", "shut a till or auditor out, at once", NULL,
	"It is cut off while it is connected, too. What it has sold stays.\n"
	"There is no way back but to add it anew.",
	run_terminal_revoke},
    {"cashier add", "NAME", "let somebody log in on the tills", cashier_add,
	"Prints the number to log in with. From the first cashier on, every\n"
	"till asks for a number and a PIN. Without --pin the PIN is asked for\n"
	"twice, or is the first line of standard input.",
	run_cashier_add},
    {"cashier list", "", "all cashiers and supervisors", NULL, NULL,
	run_cashier_list},
    {"cashier card", "NUMBER CARD", "say which card is a cashier's own", NULL,
	"A cashier cannot sell to that card, nor give it points. CARD `none`\n"
	"takes it back.",
	run_cashier_card},
    {"member show", "CARD", "all there is of a member", NULL,
	"CARD is the number on the card, with its check digit. Shows the\n"
	"balance, what lapses when, what is pending or held, the tier, what "
	"is\n"
	"kept of the person, and the newest entries. `Card proven` says that\n"
	"the card kept here is the one that the ledger committed itself to\n"
	"when the member was enrolled. Why an entry gave what it did:\n"
	"`tally programme explain ENTRY`.",
	run_member_show},
    {"member set", "CARD", "keep details, or put into a segment", member_set,
	"Details stay beside the ledger, which holds no more than a salted\n"
	"hash of them; what is not given stays as it is.",
	run_member_set},
    {"member join", "CARD WITH", "let two members have one balance", NULL,
	"For a household, or where somebody was enrolled twice. All points of\n"
	"CARD go to the member of card WITH, and both cards act on them from\n"
	"then on. A debt must be paid first.",
	run_member_join},
    {"member leave", "CARD", "undo a join", NULL,
	"Gives back what the member brought, as far as it is still there.",
	run_member_leave},
    {"card add", "CARD NEW", "give a member a further card", NULL,
	"CARD is one that the member has. A lost one is then blocked with\n"
	"`tally card block`.",
	run_card_add},
    {"card block", "CARD", "refuse a card at every till", card_block,
	"The member keeps its points, and its other cards.", run_card_block},
    {"card unblock", "CARD", "take a card again", card_block, NULL,
	run_card_unblock},
    {"goodwill", "CARD POINTS", "give points, or correct a balance", goodwill,
	"Without the limits that the programme sets for cashiers. What a sale\n"
	"gave is corrected at a till, by a return.",
	run_goodwill},
    {"import", "FILE", "enrol cards with opening balances", import,
	"FILE is a CSV, a line a card, in UTF-8:\n"
	"\n"
	"    card,points,expires,name,birthday\n"
	"    2912345678906,150,2027-12-31,\"Family, Given\",03-14\n"
	"    2912345678913,40\n"
	"\n"
	"Only the first two must be there. Points without a day lapse as the\n"
	"programme has it. Every line is looked at first, and each fault is\n"
	"named with its line; where there is one, nothing is written. Else\n"
	"all of them come in at once, and tills wait meanwhile: seconds for a\n"
	"file of 200,000 lines, of which more than 250,000 are too many.\n"
	"\n"
	"Exit: 0 done, 1 a fault, 2 it could not be done.",
	run_import},
    {"night", "", "do what is due: lapse points, move tiers", NULL,
	"Writes down what has come about by itself: points past their last\n"
	"day, tiers that have run out, notices of points that will lapse,\n"
	"bonuses for who brought a new member. The server does it every "
	"night;\n"
	"to ask again, or after missed nights, does no harm. What can be "
	"spent\n"
	"never waits for it.",
	run_night},
    {"reward add", "ID", "a reward that points can buy", reward_add,
	"ID is what tills and receipts call it: a-z, 0-9, - and _. Both\n"
	"options must be given. A new version of the programme comes into\n"
	"force; what was sold before stays as it was.",
	run_reward_add},
    {"reward list", "", "what points can buy", NULL, NULL, run_reward_list},
    {"programme show", "", "the rules in force, as their text", programme_show,
	"Prints the text exactly as it was put, so that it can be edited:\n"
	"\n"
	"    tally programme show >rules\n"
	"    (edit rules)\n"
	"    tally programme check rules\n"
	"    tally programme put rules",
	run_programme_show},
    {"programme check", "FILE", "what rules in a file would mean", NULL,
	"Needs no shop and changes nothing. Names each fault as "
	"FILE:LINE:COLUMN,\n"
	"else says in plain words what the rules are, and warns of what is\n"
	"allowed but hardly meant. A text is like this:\n"
	"\n"
	"    [programme]\n"
	"    name = Corner Coffee\n"
	"    currency = EUR\n"
	"    time_zone = CET-1CEST,M3.5.0,M10.5.0/3\n"
	"    earn_points = 1              ; so many points for each\n"
	"    earn_amount = 1.00           ; full 1.00 of a sale\n"
	"    sale_amount_max = 2000.00    ; a larger sale is refused\n"
	"\n"
	"    [points]\n"
	"    expire_months = 12           ; so long after the sale,\n"
	"    expire_end = year            ; at the end of that year\n"
	"\n"
	"    [earn fresh]                 ; besides, on these lines alone\n"
	"    multiply = 2\n"
	"    categories = fruit, vegetables\n"
	"    weekdays = mon, tue\n"
	"\n"
	"    [reward coffee]\n"
	"    name = Coffee\n"
	"    points = 150\n"
	"\n"
	"server/PROGRAMME.md is the guide to all that can be said. Five\n"
	"programmes to begin with are in server/programmes: a coffee shop's\n"
	"stamps, a grocer, fashion with tiers, a filling station, a bookshop\n"
	"with categories.\n"
	"\n"
	"Exit: 0 the rules are good, 1 they are not, 2 FILE cannot be read.",
	run_programme_check},
    {"programme put", "FILE", "bring the rules in a file into force", NULL,
	"Checks FILE as `tally programme check` does, and changes nothing "
	"where it\n"
	"has a fault or is what is in force already. Warns as that does, and\n"
	"where the currency is another than before. The new rules judge every\n"
	"sale from then on; what was sold before, and what comes back of it,\n"
	"stays under the rules of its time. What they would have given for\n"
	"sales that were: `tally programme simulate`.",
	run_programme_put},
    {"programme explain", "ENTRY", "why an entry gave or took what it did",
	programme_explain,
	"Builds the book up to ENTRY from the entries alone, also while the\n"
	"server runs, and says of each rule of the version that judged it\n"
	"what it gave, or why it did not apply; which lots were given or\n"
	"taken; how a return was reckoned; and how to check a draw.",
	run_programme_explain},
    {"programme simulate", "FILE", "the past under other rules",
	programme_simulate,
	"Takes sales that were through the rules in FILE, by the very law\n"
	"that judges real ones, with every night between them, and says what\n"
	"they would have given and cost, by rule; tiers in the end; and who\n"
	"would have got more or less than under the rules in force. Needs no\n"
	"shop, and changes nothing.\n"
	"\n"
	"The CSV has a header. Times are such as 2026-02-28 17:30 or\n"
	"20260228; amounts 12.50, or whole cents in a column whose name says\n"
	"so. Lines of one basket are one sale. A sale without a customer\n"
	"earns nothing. A column whose name is not understood:\n"
	"\n"
	"    tally programme simulate new.ini --sales till.csv \\\n"
	"        --as customer=CLIENT_NO --as amount=TOTAL",
	run_programme_simulate},
    {"ledger show", "", "the ledger's head, key and totals", NULL,
	"The verifier key is what C2SP tools (signed note, tlog-checkpoint)\n"
	"verify this shop's checkpoints with.",
	run_ledger_show},
    {"checkpoint", "", "the newest signed checkpoint, to keep outside", NULL,
	"Prints the note and nothing else: `tally checkpoint >FILE`. Keep the\n"
	"file where the shop cannot change it (with the accountant, in the\n"
	"post, in print), and later hold the ledger against it with\n"
	"`tally audit --checkpoint FILE`. Without one, an audit cannot tell a\n"
	"ledger from another that the shop itself wrote in its place.",
	run_checkpoint},
    {"audit", "", "prove the whole ledger again", audit,
	"Reads every entry and makes everything again from them alone: each\n"
	"hash, the tree, each checkpoint, each balance, and whether the rules\n"
	"in force gave each point. Compares that with what the tables keep.\n"
	"Each fault is named with the entry where it lies. The server may run\n"
	"meanwhile.\n"
	"\n"
	"Exit: 0 the ledger holds, 1 it does not, 2 it could not be audited.",
	run_audit},
    {"enrol", "DIR", "become an auditor of a shop's server", enrol,
	"Makes a key in the new folder DIR and has the server sign it. The\n"
	"owner makes the token with `tally terminal add NAME --role auditor`.\n"
	"Both options must be given. Then: tally audit --identity DIR",
	run_enrol},
};

const size_t verb_count = sizeof(verbs) / sizeof(verbs[0]);
