# Tallystick. `make help` lists the targets; `make V=1` shows the commands.
#
#   DEVELOPER=1             warnings are errors
#   SAN=address,undefined   sanitizers, in a build folder of their own
#   SAN=thread              likewise
#   BUILD=DIR               another build folder

SHELL := /bin/bash
.DEFAULT_GOAL := all

SAN ?=
comma := ,
BUILD ?= build$(if $(SAN),-$(subst $(comma),-,$(SAN)))
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = @$(if $(filter 1,$(V)),:,printf '  %-7s %s\n' '$(1)' '$(2)')

# What is needed to build, and what more to test (Debian 12 names).
PACKAGES := gcc libc6-dev make pkg-config libsqlite3-dev libssl-dev \
	libserialport-dev libuv1-dev nanopb libnanopb-dev libinih-dev \
	libjansson-dev sqlite3 jq
PACKAGES_CHECK := libcmocka-dev clang libclang-rt-14-dev strace openssl \
	tmux python3 libfaketime locales tzdata

CC ?= gcc
FUZZ_CC ?= clang
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wformat=2 \
	-Wno-missing-field-initializers $(if $(DEVELOPER),-Werror)
OPT ?= $(if $(SAN),-O1 -g1,-O2 -g -fno-plt)
CFLAGS_ALL = -std=gnu11 -I. -I$(BUILD)/gen $(WARN) $(OPT) \
	-D_GNU_SOURCE -fstack-protector-strong -pthread \
	$(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer \
	-fno-sanitize-recover=all) $(CFLAGS)
LDFLAGS_ALL = -pthread $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)

LIBS_common := -lcrypto -linih
LIBS_proto := -lprotobuf-nanopb -lssl $(LIBS_common)
LIBS_server := -lsqlite3 -luv $(LIBS_proto)
LIBS_client := -lsqlite3 -lserialport -ljansson $(LIBS_proto)
LIBS_all := -lsqlite3 -luv -lserialport -ljansson $(LIBS_proto)

# The rooms. SKIP leaves sources out while they are being written.
SKIP ?=
src = $(filter-out $(SKIP),$(wildcard $(1)))
SRC_common := $(call src,common/*/*.c)
SRC_proto := $(call src,proto/*.c)
SRC_server := $(filter-out server/tallyd.c,$(call src,server/*.c))
SRC_client := $(filter-out client/tally_pos.c,$(call src,client/*.c))
SRC_tally := $(call src,server/tally/*.c)
SRC_support := $(call src,tests/support/*.c)
GEN_proto := $(BUILD)/gen/proto/tally.pb.c
obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIB_common := $(BUILD)/libcommon.a
LIB_proto := $(BUILD)/libproto.a $(LIB_common)
LIB_server := $(BUILD)/libserver.a $(LIB_proto)
LIB_tally := $(BUILD)/libtally.a $(LIB_server)
LIB_client := $(BUILD)/libclient.a $(LIB_proto)
LIB_all := $(BUILD)/libserver.a $(BUILD)/libclient.a $(LIB_proto)
PROGRAMS := $(BUILD)/tallyd $(BUILD)/tally $(BUILD)/tally-pos

.PHONY: all help
all: deps
	@$(MAKE) --no-print-directory programs
.PHONY: programs
programs: $(PROGRAMS)

help:
	@printf '%s\n' \
	'make               build everything into build/' \
	'make demo          a shop, two tills, sales, a crash and an audit' \
	'make check         every test that needs no second machine' \
	'make bench         speed beside peers and the limit (QUICK=1: short)' \
	'make layers        refuse an include that points up' \
	'make format        clang-format every source in place' \
	'make tidy          clang-tidy' \
	'make fuzz          fuzz each target for FUZZ_SECONDS (60)' \
	'make coverage      line coverage of the unit tests' \
	'make clean         remove the build folders' \
	'make deps          install what is missing with apt-get'

# --- what is needed --------------------------------------------------------

.PHONY: deps deps-check
deps:
	@tests/support/packages $(PACKAGES)
deps-check:
	@tests/support/packages $(PACKAGES) $(PACKAGES_CHECK)

# --- the programs ----------------------------------------------------------

$(BUILD)/gen/proto/tally.pb.c: proto/tally.proto proto/tally.options
	$(call say,PROTO,$<)
	@mkdir -p $(@D)
	$(Q)cd proto && nanopb_generator.py -q -D $(abspath $(@D)) \
	    tally.proto
	@if grep -n 'pb_callback_t' $(@:.c=.h); then \
	    echo 'proto: a field without a bound' >&2; rm -f $@; exit 1; fi

$(BUILD)/gen/proto/tally.pb.h: $(BUILD)/gen/proto/tally.pb.c

compile = $(Q)mkdir -p $(@D) && $(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
$(BUILD)/obj/proto/tally.pb.o: $(GEN_proto)
	$(call say,CC,$<)
	$(compile)
$(BUILD)/obj/%.o: %.c | $(GEN_proto)
	$(call say,CC,$<)
	$(compile)
# common/ and its tests do without the generated schema.
$(BUILD)/obj/common/%.o: common/%.c
	$(call say,CC,$<)
	$(compile)

$(BUILD)/libcommon.a: $(call obj,$(SRC_common))
$(BUILD)/libproto.a: $(call obj,$(SRC_proto)) $(BUILD)/obj/proto/tally.pb.o
$(BUILD)/libserver.a: $(call obj,$(SRC_server))
$(BUILD)/libtally.a: $(call obj,$(filter-out %/tally.c,$(SRC_tally)))
$(BUILD)/libclient.a: $(call obj,$(SRC_client))
$(BUILD)/libsupport.a: $(call obj,$(SRC_support))
$(BUILD)/lib%.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

link = $(Q)mkdir -p $(@D) && \
	$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o %.a,$^)
$(BUILD)/tallyd: $(BUILD)/obj/server/tallyd.o $(LIB_server)
	$(call say,LINK,$@)
	$(link) $(LIBS_server)
$(BUILD)/tally: $(call obj,$(SRC_tally)) $(LIB_server)
	$(call say,LINK,$@)
	$(link) $(LIBS_server) -ljansson
$(BUILD)/tally-pos: $(BUILD)/obj/client/tally_pos.o $(LIB_client)
	$(call say,LINK,$@)
	$(link) $(LIBS_client)

# --- the tests -------------------------------------------------------------

# A unit test is linked with its own room and those below; the others with all.
# Those of the tally command have a page of their own in the place of print.c.
test_binaries = $(patsubst %.c,$(BUILD)/%,$(call src,$(1)))
TESTS_common := $(call test_binaries,tests/unit/common/test_*.c)
TESTS_proto := $(call test_binaries,tests/unit/proto/test_*.c)
TESTS_tally := $(call test_binaries,tests/unit/server/test_tally*.c)
TESTS_server := $(filter-out $(TESTS_tally),\
	$(call test_binaries,tests/unit/server/test_*.c))
TESTS_client := $(call test_binaries,tests/unit/client/test_*.c)
TESTS_all := $(call test_binaries,tests/fault/test_*.c) \
	$(call test_binaries,tests/integration/test_*.c)
SHIMS := $(patsubst tests/shim/%.c,$(BUILD)/tests/shim/%.so,\
	$(call src,tests/shim/*.c))
# common/ has no threads, and nothing for that sanitizer to see.
UNITS := $(if $(filter thread,$(SAN)),,$(TESTS_common)) $(TESTS_proto) \
	$(TESTS_server) $(TESTS_tally) $(TESTS_client)

$(TESTS_common): $(BUILD)/%: $(BUILD)/obj/%.o $(LIB_common)
	$(call say,LINK,$@)
	$(link) -lcmocka $(LIBS_common) -ljansson
$(TESTS_proto): $(BUILD)/%: $(BUILD)/obj/%.o $(LIB_proto)
	$(call say,LINK,$@)
	$(link) -lcmocka $(LIBS_proto)
$(TESTS_server): $(BUILD)/%: $(BUILD)/obj/%.o $(LIB_server)
	$(call say,LINK,$@)
	$(link) -lcmocka $(LIBS_server)
$(TESTS_tally): $(BUILD)/%: $(BUILD)/obj/%.o $(LIB_tally)
	$(call say,LINK,$@)
	$(link) -lcmocka $(LIBS_server) -ljansson
$(TESTS_client): $(BUILD)/%: $(BUILD)/obj/%.o $(LIB_client)
	$(call say,LINK,$@)
	$(link) -lcmocka -lutil $(LIBS_client)
$(TESTS_all): $(BUILD)/%: $(BUILD)/obj/%.o $(BUILD)/libsupport.a $(LIB_all)
	$(call say,LINK,$@)
	$(link) -lcmocka -lutil $(LIBS_all)
$(BUILD)/tests/shim/%.so: tests/shim/%.c
	$(call say,SHIM,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -I. $(WARN) -O2 -g -D_GNU_SOURCE -fPIC -shared \
	    -MMD -MP -o $@ $< -ldl -lpthread

# --- running the tests -------------------------------------------------------

SCENARIOS := $(sort $(wildcard tests/scenario/[0-9]*.sh))
TOOLS := $(call test_binaries,tests/bench/*.c) \
	$(call test_binaries,tests/demo/*.c)

$(TOOLS): $(BUILD)/%: $(BUILD)/obj/%.o $(LIB_all)
	$(call say,LINK,$@)
	$(link) -lutil -lm $(LIBS_all)

.PHONY: tests check suite suite-address suite-thread demo bench
tests: $(PROGRAMS) $(UNITS) $(TESTS_all) $(SHIMS) $(BUILD)/tests/demo/scanner \
	$(if $(SAN),,$(TOOLS))

# The whole suite of one build folder; results are added up by `check`.
suite: tests
	@BUILD=$(BUILD) tests/support/run $(TESTS_all) $(UNITS) $(SCENARIOS)

# What the fuzzers and the sanitizers run is compiled while the plain suite, which
# is mostly waiting for its thousand kills, leaves a core alone.
.PHONY: instrumented
instrumented:
	@$(MAKE) --no-print-directory -j2 fuzz-targets
	@$(MAKE) --no-print-directory -j2 tests SAN=address,undefined
	@$(MAKE) --no-print-directory -j2 tests SAN=thread

check: deps-check
	@rm -rf build/results
	@$(MAKE) --no-print-directory layers
	@$(MAKE) --no-print-directory -j2 tests
	@{ $(MAKE) --no-print-directory suite RESULTS=build/results || true; } & \
	    nice $(MAKE) --no-print-directory instrumented; \
	    status=$$?; wait; exit $$status
	@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=4 || true
	@SHORT=1 $(MAKE) --no-print-directory suite SAN=address,undefined || true
	@SHORT=1 $(MAKE) --no-print-directory suite SAN=thread || true
	@tests/support/sum build/results

demo: deps
	@$(MAKE) --no-print-directory -j2 programs $(BUILD)/tests/demo/scanner
	@BUILD=$(BUILD) tests/demo/demo

bench: deps
	@$(MAKE) --no-print-directory -j2 programs $(TOOLS)
	@BUILD=$(BUILD) tests/bench/run

# --- fuzzing -----------------------------------------------------------------

FUZZ_SECONDS ?= 60
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,build-fuzz/%,\
	$(call src,tests/fuzz/fuzz_*.c))
.PHONY: fuzz fuzz-targets
fuzz-targets: $(FUZZ_TARGETS)
fuzz: $(FUZZ_TARGETS)
	@BUILD=build-fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) tests/support/fuzz \
	    $(FUZZ_TARGETS)
build-fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(SRC_common) $(SRC_proto) \
	    build-fuzz/gen/proto/tally.pb.c
	$(call say,FUZZ,$@)
	$(Q)$(FUZZ_CC) -std=gnu11 -I. -Ibuild-fuzz/gen -D_GNU_SOURCE -g -O1 \
	    -fsanitize=fuzzer$(comma)address$(comma)undefined \
	    -fno-sanitize-recover=all -pthread -o $@ $(filter %.c,$^) \
	    $(LIBS_proto)
# What they read of the server.
build-fuzz/fuzz_import: server/import.c server/details.c
build-fuzz/fuzz_sales_csv: $(call src,server/sales_csv*.c) server/words.c
build-fuzz/gen/proto/tally.pb.c: $(GEN_proto)
	@mkdir -p $(@D) && cp $(GEN_proto) $(GEN_proto:.c=.h) $(@D)

# --- coverage ------------------------------------------------------------------

.PHONY: coverage
coverage:
	@$(MAKE) --no-print-directory BUILD=build-coverage OPT='-O0 -g' \
	    CFLAGS=--coverage LDFLAGS=--coverage -j2 tests
	@$(MAKE) --no-print-directory BUILD=build-coverage OPT='-O0 -g' \
	    CFLAGS=--coverage LDFLAGS=--coverage TESTS_all= SCENARIOS= suite
	@tests/support/coverage build-coverage

# --- hygiene ---------------------------------------------------------------

.PHONY: layers format tidy clean
layers:
	@tests/support/layers
format:
	@tests/support/packages clang-format
	$(Q)git ls-files '*.c' '*.h' | xargs clang-format -i
tidy: $(GEN_proto)
	@tests/support/packages clang-tidy
	$(Q)git ls-files 'common/*.c' 'proto/*.c' 'server/*.c' 'client/*.c' | \
	    xargs -n 1 -P 2 sh -c 'clang-tidy --quiet "$$0" -- \
	    -std=gnu11 -I. -I$(BUILD)/gen -D_GNU_SOURCE'
clean:
	rm -rf build build-*

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.SECONDARY:
