# zaguan: `make` builds build/bin/, `make demo` shows the whole promise, `make check` proves it.
# Sources, programs and tests are found by their place: FOLDER/main.c is a program, tests/**/test_*.c
# a unit test, tests/fuzz/fuzz_*.c a fuzzer. Nothing is listed by hand.

PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
CC ?= cc
OPTIMIZE ?= -O2

FOLDERS := common/base common/mail common/store $(addprefix lists/,format trust match check publish update exchange) \
           quarantine policy milter review answer fetch admin
SOURCES := $(wildcard $(addsuffix /*.c,$(FOLDERS)))
MAINS := $(filter %/main.c,$(SOURCES))
LIBRARY_OBJECTS := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out %/main.c,$(SOURCES)))
LIBRARY := $(BUILD)/libzaguan.a
# admin/main.c is zaguan itself, X/main.c is zaguan-X.
program_of = $(BUILD)/bin/$(if $(filter admin/%,$1),zaguan,zaguan-$(patsubst %/main.c,%,$1))
PROGRAMS := $(foreach m,$(MAINS),$(call program_of,$m))
TESTS := $(wildcard tests/*/test_*.c tests/*/*/test_*.c)
TEST_PROGRAMS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TESTS))
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzzers/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,\
                      $(filter-out %_wire.c,$(wildcard tests/bench/*.c)))
LANGUAGES := $(patsubst po/%.po,%,$(wildcard po/*.po))
CATALOGS := $(foreach l,$(LANGUAGES),$(BUILD)/share/locale/$l/LC_MESSAGES/zaguan.mo)

PACKAGES := icu-uc icu-i18n libpcre2-8 sqlite3 libsodium inih libcurl jansson zlib \
            libsystemd libseccomp libcares libcrypto
PACKAGE_CFLAGS = $(shell pkg-config --cflags $(PACKAGES) | sed 's/-I/-isystem /g')
PACKAGE_LIBS = $(shell pkg-config --libs $(PACKAGES)) -lmilter -lspf2 -lresolv -pthread

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wformat=2 \
            -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
            -Wcast-qual -Wwrite-strings -Wvla -Wundef -Wredundant-decls -Wswitch-enum \
            -Wimplicit-fallthrough -Wnull-dereference
WARNINGS += $(if $(findstring clang,$(CC)),,-Wno-format-truncation -Wduplicated-cond -Wduplicated-branches -Wlogical-op)
WARNINGS += $(if $(DEVELOPER),-Werror)
HARDENING := -fstack-protector-strong -fPIE $(if $(SANITIZE)$(FUZZ),,-D_FORTIFY_SOURCE=2)
, := ,
SANITIZERS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
SANITIZERS += $(if $(FUZZ),-fsanitize=fuzzer-no-link$(,)address$(,)undefined -fno-sanitize-recover=all)
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -I. -DZAGUAN_PREFIX='"$(PREFIX)"' -DZAGUAN_VERSION='"$(VERSION)"' \
             $(OPTIMIZE) -g $(WARNINGS) $(HARDENING) $(SANITIZERS) $(PACKAGE_FLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(SANITIZERS) $(LDFLAGS)
VERSION := 0.1

.PHONY: all check check-long test unit lint fuzz fuzz-long route fault fault-long race bench bench-long demo deps \
        install clean build-tests build-fuzzers build-bench
.SECONDARY:
.DELETE_ON_ERROR:

all: $(PROGRAMS) $(CATALOGS) $(BUILD)/zaguan.conf $(BUILD)/man/zaguan.conf.5

# Asked once per make, and only when something is compiled.
ifeq ($(filter check check-long demo bench bench-long deps lint fuzz fuzz-long clean,$(MAKECMDGOALS)),)
PACKAGE_FLAGS := $(PACKAGE_CFLAGS)
LIBS := $(PACKAGE_LIBS)
endif

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  cc    $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(LIBRARY): $(LIBRARY_OBJECTS)
	@echo "  ar    $@"
	@rm -f $@ && ar rcs $@ $^

define program_rule
$(call program_of,$1): $(BUILD)/obj/$(1:.c=.o) $(LIBRARY)
	@mkdir -p $$(@D)
	@echo "  link  $$@"
	@$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(LIBS)
endef
$(foreach m,$(MAINS),$(eval $(call program_rule,$m)))

$(BUILD)/share/locale/%/LC_MESSAGES/zaguan.mo: po/%.po
	@mkdir -p $(@D)
	@echo "  msgfmt $<"
	@msgfmt --check -o $@ $<

$(BUILD)/zaguan.conf: $(BUILD)/bin/zaguan
	@$< setup --sample > $@

$(BUILD)/man/zaguan.conf.5: contrib/man/zaguan.conf.5.in $(BUILD)/bin/zaguan
	@mkdir -p $(@D)
	@$(BUILD)/bin/zaguan setup --mdoc > $@.rows
	@sed -e '/@settings@/{r $@.rows' -e 'd}' $< > $@
	@rm -f $@.rows

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  link  $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

$(BUILD)/fuzzers/%: $(BUILD)/obj/tests/fuzz/%.o $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  link  $@"
	@$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

$(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  link  $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

build-tests: $(TEST_PROGRAMS) $(CATALOGS)
build-fuzzers: $(FUZZERS)
$(BUILD)/bench/milter_client: $(BUILD)/obj/tests/bench/milter_wire.o

build-bench: $(BENCHES)

# --- what is run ---------------------------------------------------------------------------------

# One run of each that is enough for every day; `make check-long` takes its time.
check: deps
	@$(MAKE) --no-print-directory all
	@tests/check "$(MAKE)" "$(BUILD)" lint unit cases fuzz fault route

check-long: deps
	@$(MAKE) --no-print-directory check
	@tests/lint/run whole
	@ZAGUAN_MATCH_PAIRS=1200000 $(BUILD)/asan/tests/lists/test_match
	@$(MAKE) --no-print-directory fuzz-long fault-long race

test: unit

lint:
	@tests/lint/run quick

unit:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan SANITIZE=address,undefined OPTIMIZE=-O1 build-tests
	@tests/run-units $(BUILD)/asan/tests

# Cases that are files, asked of the built programs.
cases: all
	@for runner in tests/run-cases-*; do $$runner || exit 1; done

# Each fuzzer over its seeds, then FUZZ_SECONDS of new inputs.
FUZZ_SECONDS ?= 5
fuzz:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz FUZZ=1 CC=clang-14 OPTIMIZE=-O1 build-fuzzers
	@tests/fuzz/run $(BUILD)/fuzz/fuzzers $(FUZZ_SECONDS)

fuzz-long:
	@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=600

# A real Postfix, a real name server, on loopback ports and in a folder of their own.
route: all
	@tests/route/run

fault: all
	@tests/fault/run

fault-long: all build-bench
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan SANITIZE=address,undefined OPTIMIZE=-O1 \
		$(BUILD)/asan/tests/fault/test_hold_faults
	@tests/fault/run long

# Milter and policy daemon under ThreadSanitizer, with all that their threads share in use.
RACE_SECONDS ?= 60
TSAN := $(BUILD)/tsan
RACE_TESTS := $(filter tests/milter/% tests/policy/%,$(TESTS))
race:
	@$(MAKE) --no-print-directory BUILD=$(TSAN) SANITIZE=thread OPTIMIZE=-O1 all build-bench \
		$(RACE_TESTS:%.c=$(TSAN)/%)
	@for test in $(RACE_TESTS:%.c=$(TSAN)/%); do $$test || exit 1; done
	@ZAGUAN_BUILD=$(TSAN) /usr/bin/python3 -B tests/fault/race_policy.py $(RACE_SECONDS)
	@ZAGUAN_BUILD=$(TSAN) /usr/bin/python3 -B tests/fault/race_milter.py $(RACE_SECONDS)

demo:
	@contrib/deps
	@$(MAKE) --no-print-directory all
	@contrib/demo $(if $(KEEP),--keep)

bench: deps
	@$(MAKE) --no-print-directory all build-bench
	@tests/bench/run

# The policy daemon beside its like, and its memory over ten million questions: some minutes.
bench-long: deps
	@$(MAKE) --no-print-directory all build-bench
	@tests/bench/run --policy 10

deps:
	@contrib/deps

install: all
	@contrib/install "$(BUILD)" "$(DESTDIR)" "$(PREFIX)"

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
