//! The program.

/// mimalloc returns freed memory to the system and fragments little. glibc kept some 470 MB after 200 sign-ins, each of
/// which hashes a password with 19 MiB.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    server::main()
}
