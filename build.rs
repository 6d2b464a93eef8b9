//! Compiles the C glue in shim/ into the library. The list is short on purpose: C only where Rust can't say it.

fn main() {
    println!("cargo:rerun-if-changed=shim");
    // ldconfig lists a library by this name, so that LD_PRELOAD=libgreen.so finds it.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libgreen.so");
    shim("greenshim", &["shim/tls.c", "shim/boundary.c", "shim/exec.c", "shim/formatted.c"], &[]);
    // An unwinder must find the cleanups in these ones' frames.
    shim("greenonce", &["shim/once.c", "shim/guarded.c"], &["-fexceptions"]);
}

fn shim(name: &str, sources: &[&str], flags: &[&str]) {
    let mut build = cc::Build::new();
    for flag in flags {
        build.flag(flag);
    }
    build
        .files(sources)
        .flag("-std=gnu11")
        .flag("-fPIC")
        .flag("-fvisibility=hidden")
        // pthread_exit's forced unwinding passes through these frames.
        .flag("-fasynchronous-unwind-tables")
        .opt_level(2)
        .warnings(true)
        .extra_warnings(true)
        .warnings_into_errors(true)
        .compile(name);
}
