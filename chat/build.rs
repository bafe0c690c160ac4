//! Has cargo compile the crate again when a migration is added: `sqlx::migrate!` notices only changes of files that it has read.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
