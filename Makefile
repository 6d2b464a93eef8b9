# libgreen: LD_PRELOAD=libgreen.so ./server
#
#   make              libgreen.so, here
#   make test         unit tests, model tests and the twin tests; ends with "N passed, N failed"
#   make demo         a thread-per-connection server, natively and green, side by side
#   make bench        small costs and 100,000 sleeping threads, natively and green
#   make bench-cpu    threads that compute: a hashing server, hogs, 200 at once, timers; natively and green (ROUNDS=5)
#   make check        rustfmt and clippy, warnings as errors
#   make untouched    programs without threads behave the same under LD_PRELOAD
#   make integration  unmodified servers from Debian, natively and green
#   make install      PREFIX=/usr/local DESTDIR=

CARGO  ?= cargo
PREFIX ?= /usr/local
LIBRARY = libgreen.so

# A make that is itself run under LD_PRELOAD must not build with it.
unexport LD_PRELOAD

all: $(LIBRARY)

# Cargo knows what is stale; a copy is made only when the library changed, and moved into place: a running program may
# have the old one mapped.
$(LIBRARY): FORCE
	$(CARGO) build --release --lib
	@cmp -s target/release/$(LIBRARY) $@ || { cp target/release/$(LIBRARY) $@.new && mv -f $@.new $@; }

test: $(LIBRARY)
	$(CARGO) test --lib
	$(CARGO) test --test model
	$(CARGO) test --test twin -- $(TESTS)

check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --all-targets -- -D warnings

demo: $(LIBRARY)
	scripts/demo.sh

bench: $(LIBRARY)
	scripts/bench.sh

bench-cpu: $(LIBRARY)
	scripts/bench/hash.sh
	scripts/bench/compute.sh
	scripts/bench/hogs.sh
	scripts/bench/timers.sh

untouched: $(LIBRARY)
	scripts/untouched.sh

integration: $(LIBRARY)
	scripts/integration.sh

install: $(LIBRARY)
	install -d $(DESTDIR)$(PREFIX)/lib
	install -m 0644 $(LIBRARY) $(DESTDIR)$(PREFIX)/lib/$(LIBRARY)

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/lib/$(LIBRARY)

clean:
	$(CARGO) clean
	rm -rf $(LIBRARY) build

FORCE:
.PHONY: all test check demo bench bench-cpu untouched integration install uninstall clean FORCE
