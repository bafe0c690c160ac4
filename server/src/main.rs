//! The program.

/// Gives back what is not needed any more, and wastes little of a page: the C library's keeps what each thread ever freed,
/// and after 200 sign-ins (19 MiB each, for the hash) that was some 470 MB.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    server::main()
}
