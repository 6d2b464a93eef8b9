# libgreen: LD_PRELOAD=libgreen.so ./server
#
#   make              libgreen.so and the command green, here
#   make test         unit tests, model tests and the twin tests; then again, quickly, under signals, with few descriptors, on other hubs
#   make test-all     those last ones with every fixture, and a build that checks its own preconditions
#   make demo         a thread-per-connection server, natively and green, side by side
#   make bench        native threads, green, a hand-written epoll server and the peers, side by side (ROUNDS=5 WORKLOADS="echo micro" QUICK=1)
#   make bench-plots  draws what it measured, into docs/
#   make pictures     draws docs/top.svg and docs/trace.svg from real runs
#   make bench-sleep  100,000 threads asleep until one moment
#   make bench-cpu    threads that compute: a hashing server, hogs, 200 at once, timers; natively and green (ROUNDS=5)
#   make bench-stalls what threads that wait in libc, for a disk or another process do to the others (ROUNDS=5)
#   make stress       a thousand green runs of each stress fixture (ROUNDS=1000)
#   make check        rustfmt and clippy, warnings as errors
#   make untouched    programs without threads behave the same under LD_PRELOAD
#   make integration  unmodified servers from Debian, natively and green
#   make install      after make: PREFIX=/usr/local LIBDIR=/usr/local/lib DESTDIR=   (make uninstall takes all of it away)
#   make deb          a Debian package, into build/ (scripts/deb-check.sh tries it in a fresh Debian)

CARGO  ?= cargo
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
LIBRARY = libgreen.so

# A make that is itself run under LD_PRELOAD must not build with it.
unexport LD_PRELOAD

all: $(LIBRARY)

# Cargo knows what is stale; a copy is made only when a file changed, and moved into place: a running program may have the
# old one mapped.
$(LIBRARY): FORCE
	$(CARGO) build --release --lib --bins
	@for f in $(LIBRARY) green; do \
	  cmp -s target/release/$$f $$f || { cp target/release/$$f $$f.new && mv -f $$f.new $$f; }; done

TWIN = $(CARGO) test --test twin --

# TESTS="words" runs the twin tests of those fixtures only.
test: $(LIBRARY)
	$(CARGO) test --lib --bin green
	$(CARGO) test --test model
	$(CARGO) test --test command
	$(TWIN) --jobs 6 $(TESTS)
ifeq ($(TESTS),)
	$(TWIN) --quick --jobs 3 --pest restart eintr/ sockets/ pipes/ poll/ queues/ locks/ c11/ cxx20/ tls/ time/
	$(TWIN) --quick --jobs 3 --pest interrupt eintr/ c11/ cxx20/ tls/
	$(TWIN) --quick --jobs 3 --fds 256 sockets/ pipes/ poll/ fds/ files/ queues/ events/ process/ startup/ handoff/ foreign/
	for hub in poll select io_uring; do \
	  $(TWIN) --quick --jobs 3 --hub $$hub sockets/ pipes/ poll/ fds/ events/ time/ eintr/ || exit 1; done
endif

test-all: $(LIBRARY)
	$(CARGO) build --lib --profile checked
	GREEN_LIB=$(CURDIR)/target/checked/libgreen.so $(TWIN) --quick
	$(TWIN) --quick --fds 256
	$(TWIN) --quick --pest restart
	$(TWIN) --pest restart eintr/
	$(TWIN) --pest interrupt eintr/
	$(TWIN) --quick --pest interrupt eintr/ locks/ c11/ cxx/ cxx20/ threads/ tls/ stress/ rust/ futex/
	for hub in poll select io_uring; do $(TWIN) --hub $$hub || exit 1; done

stress: $(LIBRARY)
	$(CARGO) test --test twin -- stress/ --rounds $(or $(ROUNDS),1000)

check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --all-targets -- -D warnings
	for package in scripts/bench/runner scripts/bench/peers/rust; do \
	  $(CARGO) fmt --all --check --manifest-path $$package/Cargo.toml && \
	  $(CARGO) clippy --all-targets --manifest-path $$package/Cargo.toml --target-dir target/bench -- -D warnings || exit 1; done
	$(CARGO) test --quiet --manifest-path scripts/bench/runner/Cargo.toml --target-dir target/bench

demo: $(LIBRARY)
	scripts/demo.sh

bench: $(LIBRARY)
	scripts/bench/measure.sh $(if $(QUICK),--quick) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(WORKLOADS),--workloads $(WORKLOADS)) \
	  $(if $(CONTENDERS),--contenders $(CONTENDERS))

bench-plots:
	scripts/bench/plots.sh

pictures: $(LIBRARY)
	scripts/pictures.sh

bench-sleep: $(LIBRARY)
	scripts/bench/sleepers.sh

bench-cpu: $(LIBRARY)
	scripts/bench/hash.sh
	scripts/bench/compute.sh
	scripts/bench/hogs.sh
	scripts/bench/timers.sh

bench-stalls: $(LIBRARY)
	scripts/bench/stalls.sh

untouched: $(LIBRARY)
	scripts/untouched.sh

integration: $(LIBRARY)
	scripts/integration.sh

# scripts/install.sh has the list of what goes where. It takes what is built: root, who installs, may have no cargo, and must
# leave nothing of its own in target/.
install:
	PREFIX="$(PREFIX)" LIBDIR="$(LIBDIR)" DESTDIR="$(DESTDIR)" scripts/install.sh install

uninstall:
	PREFIX="$(PREFIX)" LIBDIR="$(LIBDIR)" DESTDIR="$(DESTDIR)" scripts/install.sh uninstall

deb: $(LIBRARY)
	scripts/deb.sh

clean:
	$(CARGO) clean
	rm -rf $(LIBRARY) green build

FORCE:
.PHONY: all test test-all stress check demo bench bench-plots pictures bench-sleep bench-cpu bench-stalls untouched integration install uninstall deb clean FORCE
