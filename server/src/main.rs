//! The program.

/// Gives back what is not needed any more, and wastes little of a page: the C library's keeps what each thread ever freed,
/// and after some hundred sign-ins (19 MiB each, for the hash) that was most of a gigabyte.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    server::main()
}
