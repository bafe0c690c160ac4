//! Import and export of people, conversations and messages as JSON lines (docs/import.md).

mod event_record;
mod export;
mod import;
mod line_reader;
mod record;
mod subject_record;
mod validate;

pub use export::export;
pub use import::{ImportError, Progress, import};
