/*
 * The text of a signed note, line by line, and the signatures of others below
 * it.
 */
#include "tests/unit/common/checkpoint_world.h"

/* --- other signatures ----------------------------------------------------- */

static void unknown_signatures_are_passed_over_on_both_sides(void **state)
{
	(void)state;
	assert_opens(PETER_NOTE WITNESS_LINE);
	assert_opens(PETER_TEXT "\n" WITNESS_LINE SOFA_LINE PETER_LINE);
	assert_opens(PETER_TEXT "\n" SHORTEST_LINE PETER_LINE SHORTEST_LINE);
	assert_denied(PETER_TEXT "\n" WITNESS_LINE SOFA_LINE, "not signed");
}

static void our_name_with_another_key_is_passed_over(void **state)
{
	(void)state;
	assert_opens(PETER_TEXT "\n" DASH "PeterNeumann AAAAAAAA\n" PETER_LINE);
}

static void good_signature_does_not_excuse_a_bad_one(void **state)
{
	(void)state;
	assert_opens(PETER_TEXT "\n" PETER_LINE PETER_LINE);
	assert_denied(PETER_TEXT "\n" PETER_LINE DASH "PeterNeumann x08gowAA\n",
	    "wrong size");
}

static char *many_signatures(unsigned count)
{
	char *text = malloc(8192);

	assert_non_null(text);
	strcpy(text, PETER_TEXT "\n" PETER_LINE);
	for (unsigned i = 1; i < count; i++)
		strcat(text, SHORTEST_LINE);
	return text;
}

static void hundred_signatures_are_enough(void **state)
{
	char *text = many_signatures(SIGNATURES_MAX);

	(void)state;
	assert_opens(text);
	free(text);
	text = many_signatures(SIGNATURES_MAX + 1);
	assert_malformed(text, "too many signatures");
	free(text);
}

/* As a post-quantum witness would sign. */
static void signature_lines_are_long_up_to_a_limit(void **state)
{
	static uint8_t payload[SIGNATURE_LINE_SIZE_MAX + 1];
	static char payload_text[2 * sizeof(payload)];
	static char text[3 * sizeof(payload)];

	(void)state;
	for (unsigned extra = 0; extra <= 1; extra++) {
		bytes_to_base64(
		    bytes_of(payload, SIGNATURE_LINE_SIZE_MAX + extra),
		    payload_text);
		snprintf(text, sizeof(text), "%s" DASH "w %s\n", PETER_NOTE,
		    payload_text);
		if (extra == 0)
			assert_opens(text);
		else
			assert_malformed(text, "base64");
	}
}

static void note_is_no_longer_than_its_limit(void **state)
{
	size_t fixed = strlen(PETER_TEXT) + strlen("\n\n" SHORTEST_LINE);
	char *text = malloc(NOTE_SIZE_MAX + 2);
	struct checkpoint checkpoint;

	(void)state;
	assert_non_null(text);
	for (unsigned extra = 0; extra <= 1; extra++) {
		size_t filler = NOTE_SIZE_MAX + extra - fixed;

		strcpy(text, PETER_TEXT);
		memset(text + strlen(PETER_TEXT), 'x', filler);
		strcpy(
		    text + strlen(PETER_TEXT) + filler, "\n\n" SHORTEST_LINE);
		if (extra == 0)
			assert_int_equal(checkpoint_parse(bytes_of_string(text),
					     &checkpoint, &error),
			    RESULT_OK);
		else
			assert_malformed(text, "65536 bytes at most");
	}
	free(text);
}

/* --- the text ------------------------------------------------------------- */

static void extension_lines_are_signed_and_not_read(void **state)
{
	static const char text[] =
	    PETER_TEXT "an extension\n\xe2\x80\x94 another\n";
	uint8_t payload[4 + SIGNATURE_SIZE] = {0xc7, 0x4f, 0x20, 0xa3};
	char payload_text[128];
	char note[1024];

	(void)state;
	assert_int_equal(sign_message(peter_seed, bytes_of_string(text),
			     &payload[4], &error),
	    RESULT_OK);
	bytes_to_base64(bytes_of(payload, sizeof(payload)), payload_text);
	snprintf(note, sizeof(note), "%s\n" DASH "PeterNeumann %s\n", text,
	    payload_text);
	assert_opens(note);
}

static void origin_line_is_a_name(void **state)
{
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad_origins) / sizeof(char *); i++) {
		snprintf(text, sizeof(text), "%s\n1\n" ROOT_TEXT "\n\n%s",
		    bad_origins[i], SHORTEST_LINE);
		assert_malformed(text, "checkpoint: ");
	}
}

static void size_line_is_a_number_in_its_only_form(void **state)
{
	static const char *const bad[] = {"", "00", "01", "+1", "-1", " 1",
	    "1 ", "0x1", "1e3", "1.0", "one", "9223372036854775808",
	    "18446744073709551615", "99999999999999999999", "\xd9\xa1"};
	static const char *const good[] = {
	    "0", "1", "10", "9223372036854775807"};
	struct checkpoint checkpoint;
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "o\n%s\n" ROOT_TEXT "\n\n%s",
		    bad[i], SHORTEST_LINE);
		assert_malformed(text, "second line");
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text), "o\n%s\n" ROOT_TEXT "\n\n%s",
		    good[i], SHORTEST_LINE);
		assert_int_equal(checkpoint_parse(bytes_of_string(text),
				     &checkpoint, &error),
		    RESULT_OK);
		assert_int_equal(checkpoint.size, strtoull(good[i], NULL, 10));
	}
}

static void root_line_is_32_bytes_of_strict_base64(void **state)
{
	static const char *const bad[] = {"", "AAAA",
	    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I",
	    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=",
	    "CsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=",
	    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA",
	    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==",
	    " CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
	    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I= "};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "o\n1\n%s\n\n%s", bad[i],
		    SHORTEST_LINE);
		assert_malformed(text, "third line");
	}
}

static void note_is_text_with_plain_line_ends(void **state)
{
	(void)state;
	assert_malformed("o\r\n1\r\n" ROOT_TEXT "\r\n\r\n", "not text");
	assert_malformed_bytes(
	    bytes_of(PETER_NOTE, sizeof(PETER_NOTE)), "not text");
	assert_malformed(PETER_TEXT "\xff\n\n" PETER_LINE, "not text");
	assert_malformed(PETER_TEXT "\t\n\n" PETER_LINE, "not text");
}

static void text_ends_at_its_only_empty_line(void **state)
{
	(void)state;
	assert_malformed(PETER_TEXT PETER_LINE, "no empty line");
	assert_malformed(PETER_TEXT, "no empty line");
	assert_malformed(PETER_TEXT "\n", "no signature");
	assert_malformed(PETER_TEXT "\n\n" PETER_LINE, "dash");
	assert_malformed(PETER_NOTE "\n", "dash");
	assert_malformed(PETER_TEXT "\nmore\n\n" PETER_LINE, "does not start");
}

static void signature_lines_have_one_form(void **state)
{
	static const char *const bad[] = {"x\n", "- a AAAAAAA=\n",
	    "\xe2\x80\x93 a AAAAAAA=\n", "\xe2\x80\x94\n",
	    "\xe2\x80\x94"
	    "a AAAAAAA=\n",
	    DASH "\n", DASH "a\n", DASH "a \n", DASH " AAAAAAA=\n",
	    DASH " a AAAAAAA=\n", DASH "a  AAAAAAA=\n", DASH "a AAAAAAA= \n",
	    DASH "a AAAAAAA= b\n", DASH "a AAAAAAA\n", DASH "a AAAAAAB=\n",
	    DASH "a AAAAAA==\n", DASH "a AAAA\n", DASH "a+b AAAAAAA=\n",
	    DASH "a\xc2\xa0"
		 "b AAAAAAA=\n",
	    DASH "a AAAA-AA=\n", DASH "a AAAAAAA="};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), PETER_NOTE "%s", bad[i]);
		assert_malformed(text, "a signature");
	}
	assert_opens(PETER_NOTE SHORTEST_LINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(unknown_signatures_are_passed_over_on_both_sides),
	    cmocka_unit_test(our_name_with_another_key_is_passed_over),
	    cmocka_unit_test(good_signature_does_not_excuse_a_bad_one),
	    cmocka_unit_test(hundred_signatures_are_enough),
	    cmocka_unit_test(signature_lines_are_long_up_to_a_limit),
	    cmocka_unit_test(note_is_no_longer_than_its_limit),
	    cmocka_unit_test(extension_lines_are_signed_and_not_read),
	    cmocka_unit_test(origin_line_is_a_name),
	    cmocka_unit_test(size_line_is_a_number_in_its_only_form),
	    cmocka_unit_test(root_line_is_32_bytes_of_strict_base64),
	    cmocka_unit_test(note_is_text_with_plain_line_ends),
	    cmocka_unit_test(text_ends_at_its_only_empty_line),
	    cmocka_unit_test(signature_lines_have_one_form),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
