/*
 * print: how wide a page is on a terminal, and that it is as long as it takes
 * where it goes into a file. The page is the real one.
 */
#include "tests/support/check.h"

#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "server/tally/print.h"

#define LONG                                                               \
	"Sixty characters and eighty, and those that are more than both, " \
	"are broken at a blank."

static char shown[8192];

static void fill(struct page *page)
{
	static const struct column columns[] = {{"id", "Id", false},
	    {"points", "Points", true}, {"what", "What it is", false, true}};

	page_say(page, "%s", LONG);
	page_say(page, "    tally %s", LONG);
	page_text(page, "said", "Said", LONG);
	page_verbatim(page, "text", bytes_of_string(LONG "\n"));
	page_table(page, "rewards", columns, 3);
	page_cell_text(page, "bag");
	page_cell_count(page, 1250);
	page_cell_text(page, LONG);
	page_table_end(page, NULL);
	page_sentence(page, "say", LONG);
}

/* Print a page to `handle` instead of standard output. */
static void print_to(int handle, bool is_json)
{
	int before = dup(STDOUT_FILENO);
	struct page *page;

	fflush(stdout);
	assert_true(before >= 0);
	assert_true(dup2(handle, STDOUT_FILENO) >= 0);
	page = page_create("test", is_json);
	assert_non_null(page);
	fill(page);
	assert_int_equal(page_end(page, EXIT_FINE), EXIT_FINE);
	assert_true(dup2(before, STDOUT_FILENO) >= 0);
	close(before);
}

/* What a terminal of so many columns shows. */
static void show(unsigned short width, bool is_json)
{
	struct winsize size = {.ws_row = 24, .ws_col = width};
	struct termios raw = {0}; /* line ends stay as they are */
	size_t length = 0;
	ssize_t more;
	int master;
	int slave;

	assert_int_equal(openpty(&master, &slave, NULL, &raw, &size), 0);
	print_to(slave, is_json);
	assert_int_equal(fcntl(master, F_SETFL, O_NONBLOCK), 0);
	while ((more = read(
		    master, &shown[length], sizeof(shown) - 1 - length)) > 0)
		length += (size_t)more;
	shown[length] = '\0';
	close(slave);
	close(master);
}

static void assert_shows(const char *text)
{
	if (strstr(shown, text) == NULL)
		fail_msg("'%s' is not in:\n%s", text, shown);
}

static void a_terminal_breaks_nothing(void **state)
{
	(void)state;
	unsetenv("COLUMNS");
	show(60, false);
	assert_string_equal(shown,
	    "Sixty characters and eighty, and those that are more than\n"
	    "both, are broken at a blank.\n"
	    "    tally " LONG "\n"
	    "Said            Sixty characters and eighty, and those that\n"
	    "                are more than both, are broken at a blank.\n" LONG
	    "\n"
	    "Id   Points  What it is\n"
	    "bag   1,250  Sixty characters and eighty, and those that are\n"
	    "             more than both, are broken at a blank.\n"
	    "Sixty characters and eighty, and those that are more than\n"
	    "both, are broken at a blank.\n");
}

static void columns_say_how_wide_the_terminal_is(void **state)
{
	(void)state;
	setenv("COLUMNS", "40", 1);
	show(60, false);
	assert_shows("Sixty characters and eighty, and those\n"
		     "that are more than both, are broken at a\nblank.\n");
	/* What is none is not heard. */
	setenv("COLUMNS", "wide", 1);
	show(60, false);
	assert_shows("those that are more than\nboth,");
	setenv("COLUMNS", "0", 1);
	show(60, false);
	assert_shows("those that are more than\nboth,");
	unsetenv("COLUMNS");
	/* One that does not say is 80 wide; sentences are a little less. */
	show(0, false);
	assert_shows("bag   1,250  Sixty characters and eighty, and those that "
		     "are more than both, are\n"
		     "             broken at a blank.\n");
	show(200, false);
	assert_shows(
	    "bag   1,250  " LONG "\n"
	    "Sixty characters and eighty, and those that are more than "
	    "both, are broken at\na blank.\n");
}

static void a_file_gets_a_line_for_each_row(void **state)
{
	FILE *file = tmpfile();
	size_t size;

	(void)state;
	assert_non_null(file);
	setenv("COLUMNS", "40", 1);
	print_to(fileno(file), false);
	unsetenv("COLUMNS");
	rewind(file);
	size = fread(shown, 1, sizeof(shown) - 1, file);
	shown[size] = '\0';
	fclose(file);
	assert_string_equal(shown, LONG
	    "\n"
	    "    tally " LONG "\n"
	    "Said            " LONG "\n" LONG "\n"
	    "Id   Points  What it is\n"
	    "bag   1,250  " LONG "\n"
	    "Sixty characters and eighty, and those that are more than both, "
	    "are broken at\na blank.\n");
}

static void json_is_never_broken(void **state)
{
	(void)state;
	show(40, true);
	assert_shows("{\"do\":\"test\",\"ok\":true,\"said\":\"" LONG "\",");
	assert_shows("\"what\":\"" LONG "\"}],\"say\":[\"" LONG "\"]}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_terminal_breaks_nothing),
	    cmocka_unit_test(columns_say_how_wide_the_terminal_is),
	    cmocka_unit_test(a_file_gets_a_line_for_each_row),
	    cmocka_unit_test(json_is_never_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
