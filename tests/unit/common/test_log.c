/*
 * Tests of log: what stands on standard error after an event.
 */
#include "tests/support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"

#define CAPTURE_SIZE_MAX (4u << 20)
#define LINE_SIZE_MAX 2048u

static FILE *capture_file;
static int stderr_before;
static char captured[CAPTURE_SIZE_MAX];

/* Send standard error to a file, until capture_end() reads it. */
static void capture_start(void)
{
	capture_file = tmpfile();
	assert_non_null(capture_file);
	stderr_before = dup(STDERR_FILENO);
	assert_true(stderr_before >= 0);
	assert_true(dup2(fileno(capture_file), STDERR_FILENO) >= 0);
}

static const char *capture_end(void)
{
	size_t size;

	assert_true(dup2(stderr_before, STDERR_FILENO) >= 0);
	close(stderr_before);
	rewind(capture_file);
	size = fread(captured, 1, sizeof(captured) - 1, capture_file);
	captured[size] = '\0';
	fclose(capture_file);
	return captured;
}

/* What follows "event=e " for a pair with this value. */
static const char *value_written(const char *value)
{
	const char *line;

	capture_start();
	log_event(LOG_INFO, "e", "k", value, NULL);
	line = strstr(capture_end(), "event=e k=");
	assert_non_null(line);
	return line + strlen("event=e k=");
}

static bool matches(const char *text, const char *pattern)
{
	regex_t regex;
	bool found;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	found = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

static int level_setup(void **state)
{
	(void)state;
	log_set_level(LOG_INFO);
	return 0;
}

static void writes_one_line_of_pairs(void **state)
{
	(void)state;
	capture_start();
	log_event(LOG_INFO, "listening", "address", "127.0.0.1:7171", "tills",
	    log_number(12), NULL);
	assert_true(matches(capture_end(),
	    "^time=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{3}Z"
	    " level=info event=listening address=127[.]0[.]0[.]1:7171"
	    " tills=12\n$"));
}

static void writes_an_event_without_pairs(void **state)
{
	(void)state;
	capture_start();
	log_event(LOG_WARN, "stopping", NULL);
	assert_true(matches(
	    capture_end(), "^time=[^ ]{24} level=warn event=stopping\n$"));
}

static void names_each_level(void **state)
{
	static const char *const names[] = {"debug", "info", "warn", "alarm"};
	char wanted[32];

	(void)state;
	log_set_level(LOG_DEBUG);
	for (int level = LOG_DEBUG; level <= LOG_ALARM; level++) {
		capture_start();
		log_event((enum log_level)level, "e", NULL);
		snprintf(wanted, sizeof(wanted), " level=%s event=e\n",
		    names[level]);
		assert_non_null(strstr(capture_end(), wanted));
	}
}

static void says_nothing_below_its_level(void **state)
{
	(void)state;
	for (int least = LOG_DEBUG; least <= LOG_ALARM; least++) {
		log_set_level((enum log_level)least);
		for (int level = LOG_DEBUG; level <= LOG_ALARM; level++) {
			capture_start();
			log_event((enum log_level)level, "e", NULL);
			assert_int_equal(
			    capture_end()[0] != '\0', level >= least);
		}
	}
}

static void leaves_plain_values_as_they_are(void **state)
{
	(void)state;
	assert_string_equal(value_written("abc"), "abc\n");
	assert_string_equal(value_written("!#$%&'()*+,-./:;<=>?@[]^_`{|}~"),
	    "!#$%&'()*+,-./:;<=>?@[]^_`{|}~\n");
}

static void quotes_what_is_empty_or_missing(void **state)
{
	(void)state;
	assert_string_equal(value_written(""), "\"\"\n");
	assert_string_equal(value_written(NULL), "\"\"\n");
}

static void quotes_and_escapes_what_could_mislead(void **state)
{
	(void)state;
	assert_string_equal(value_written("two words"), "\"two words\"\n");
	assert_string_equal(value_written(" "), "\" \"\n");
	assert_string_equal(
	    value_written("say \"hi\""), "\"say \\\"hi\\\"\"\n");
	assert_string_equal(value_written("a\\b"), "\"a\\\\b\"\n");
	assert_string_equal(value_written("\t\r\n"), "\"\\t\\r\\n\"\n");
	assert_string_equal(
	    value_written("\x01\x1b[31m\x7f"), "\"\\x01\\x1b[31m\\x7f\"\n");
	assert_string_equal(
	    value_written("caf\xc3\xa9"), "\"caf\\xc3\\xa9\"\n");
	assert_string_equal(value_written("\xff"), "\"\\xff\"\n");
}

static void a_value_cannot_forge_a_line_or_a_pair(void **state)
{
	(void)state;
	assert_string_equal(
	    value_written("x\ntime=now level=alarm event=forged"),
	    "\"x\\ntime=now level=alarm event=forged\"\n");
	assert_string_equal(value_written("x\" event=\"forged"),
	    "\"x\\\" event=\\\"forged\"\n");
	assert_string_equal(value_written("x\\"), "\"x\\\\\"\n");
}

/* Every byte there is gives one line of printable ASCII. */
static void every_byte_stays_on_the_line(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		char value[2] = {(char)byte};
		const char *text = value_written(value);

		for (; *text != '\n'; text++)
			assert_in_range(*text, ' ', '~');
		assert_string_equal(text, "\n");
	}
}

/*
 * A line ends in one newline and its quotes are closed, however long the value
 * and whatever its characters grow to.
 */
static void cuts_a_long_value_and_says_so(void **state)
{
	static const char fillers[] = {'x', ' ', '"', '\n', '\x01'};
	static char value[2 * LINE_SIZE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(fillers); i++) {
		memset(value, fillers[i], sizeof(value) - 1);
		capture_start();
		log_event(LOG_INFO, "e", "k", value, "l", "unseen", NULL);
		capture_end();
		assert_in_range(
		    strlen(captured), LINE_SIZE_MAX - 16, LINE_SIZE_MAX);
		assert_ptr_equal(
		    strchr(captured, '\n'), captured + strlen(captured) - 1);
		assert_true(matches(captured,
		    i == 0 ? "k=x+ cut=1\n$"
			   : "k=\"([ ]|\\\\\"|\\\\n|\\\\x01)+\" cut=1\n$"));
		assert_null(strstr(captured, "unseen"));
	}
}

/* Lengths around the bound: whole, or cut, with nothing in between. */
static void a_line_is_whole_or_cut_at_every_length(void **state)
{
	static char value[LINE_SIZE_MAX];
	bool was_cut = false;

	(void)state;
	for (size_t size = LINE_SIZE_MAX - 100; size < LINE_SIZE_MAX - 1;
	     size++) {
		const char *last;
		bool cut;

		memset(value, ' ', size);
		value[size] = '\0';
		capture_start();
		log_event(LOG_INFO, "e", "k", value, "last", "a b", NULL);
		capture_end();
		last = strstr(captured, "  \" ");
		assert_non_null(last);
		cut = strstr(last, " cut=1\n") != NULL;
		/* Where the last pair begins at all, its quotes are closed. */
		assert_true(
		    matches(last, "^  \"( last=\"(a|a |a b|)\")?( cut=1)?\n$"));
		assert_true(cut || strstr(last, " last=\"a b\"\n") != NULL);
		assert_true(cut || !was_cut);
		assert_true(strlen(captured) <= LINE_SIZE_MAX);
		was_cut = cut;
	}
	assert_true(was_cut);
}

static void more_pairs_than_a_line_holds_are_left_out(void **state)
{
	static char value[LINE_SIZE_MAX / 8];

	(void)state;
	memset(value, ' ', sizeof(value) - 1);
	capture_start();
	log_event(LOG_INFO, "e", "a", value, "b", value, "c", value, "d", value,
	    "e", value, "f", value, "g", value, "h", value, "i", value, "j",
	    value, NULL);
	capture_end();
	assert_true(strlen(captured) <= LINE_SIZE_MAX);
	assert_true(matches(captured, " g=\" +\" h=\" +\" cut=1\n$"));
}

static void numbers_are_decimal(void **state)
{
	(void)state;
	assert_string_equal(log_number(0), "0");
	assert_string_equal(log_number(7171), "7171");
	assert_string_equal(log_number(UINT64_MAX), "18446744073709551615");
}

static void eight_numbers_live_at_a_time(void **state)
{
	const char *places[8];
	char wanted[8];

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		places[i] = log_number(100 + i);
	for (unsigned i = 0; i < 8; i++) {
		snprintf(wanted, sizeof(wanted), "%u", 100 + i);
		assert_string_equal(places[i], wanted);
	}
	assert_ptr_equal(log_number(108), places[0]);
}

static void leaves_errno_alone(void **state)
{
	int closed = dup(STDERR_FILENO);

	(void)state;
	assert_true(closed >= 0);
	close(STDERR_FILENO);
	errno = ENOENT;
	log_event(LOG_ALARM, "nobody_hears_this", NULL);
	assert_int_equal(dup2(closed, STDERR_FILENO), STDERR_FILENO);
	close(closed);
	errno = 0;
	capture_start();
	errno = ENOENT;
	log_event(LOG_INFO, "e", NULL);
	assert_int_equal(errno, ENOENT);
	capture_end();
}

/* On a datagram socket each write is a message of its own. */
static void a_line_is_one_write(void **state)
{
	int pair[2];
	char message[LINE_SIZE_MAX + 1];
	ssize_t size;
	int before = dup(STDERR_FILENO);

	(void)state;
	assert_true(before >= 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	assert_true(dup2(pair[0], STDERR_FILENO) >= 0);
	log_event(LOG_INFO, "e", "k", "two words", "l", "more", NULL);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	size = recv(pair[1], message, sizeof(message) - 1, MSG_DONTWAIT);
	assert_true(size > 0);
	message[size] = '\0';
	assert_true(matches(message,
	    "^time=[^ ]+ level=info event=e k=\"two words\" l=more\n$"));
	assert_int_equal(recv(pair[1], message, 1, MSG_DONTWAIT), -1);
	close(before);
	close(pair[0]);
	close(pair[1]);
}

#define THREADS 4u
#define THREAD_LINES 500u

static void *thread_log(void *name)
{
	for (unsigned i = 0; i < THREAD_LINES; i++)
		log_event(LOG_INFO, "e", "name", name, "number", log_number(i),
		    "text", "with words", NULL);
	return NULL;
}

static void threads_never_share_a_line(void **state)
{
	static char names[THREADS][2] = {"a", "b", "c", "d"};
	unsigned next[THREADS] = {0};
	pthread_t threads[THREADS];
	char *rest = NULL;

	(void)state;
	capture_start();
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, thread_log, names[i]), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	capture_end();
	for (char *line = strtok_r(captured, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		char name;
		unsigned number;
		int end = 0;
		const char *pairs = strstr(line, " event=e name=");

		assert_non_null(pairs);
		assert_int_equal(
		    sscanf(pairs,
			" event=e name=%c number=%u text=\"with words\"%n",
			&name, &number, &end),
		    2);
		assert_int_equal(pairs[end], '\0');
		assert_true(end > 0);
		assert_in_range(name, 'a', 'd');
		assert_int_equal(number, next[name - 'a']);
		next[name - 'a']++;
	}
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(next[i], THREAD_LINES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(writes_one_line_of_pairs, level_setup),
	    cmocka_unit_test_setup(writes_an_event_without_pairs, level_setup),
	    cmocka_unit_test_setup(names_each_level, level_setup),
	    cmocka_unit_test_setup(says_nothing_below_its_level, level_setup),
	    cmocka_unit_test_setup(
		leaves_plain_values_as_they_are, level_setup),
	    cmocka_unit_test_setup(
		quotes_what_is_empty_or_missing, level_setup),
	    cmocka_unit_test_setup(
		quotes_and_escapes_what_could_mislead, level_setup),
	    cmocka_unit_test_setup(
		a_value_cannot_forge_a_line_or_a_pair, level_setup),
	    cmocka_unit_test_setup(every_byte_stays_on_the_line, level_setup),
	    cmocka_unit_test_setup(cuts_a_long_value_and_says_so, level_setup),
	    cmocka_unit_test_setup(
		a_line_is_whole_or_cut_at_every_length, level_setup),
	    cmocka_unit_test_setup(
		more_pairs_than_a_line_holds_are_left_out, level_setup),
	    cmocka_unit_test_setup(numbers_are_decimal, level_setup),
	    cmocka_unit_test_setup(eight_numbers_live_at_a_time, level_setup),
	    cmocka_unit_test_setup(leaves_errno_alone, level_setup),
	    cmocka_unit_test_setup(a_line_is_one_write, level_setup),
	    cmocka_unit_test_setup(threads_never_share_a_line, level_setup),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
