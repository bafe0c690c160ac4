//! Imports a file in batches, each of one transaction.

use super::line_reader::{Line, LineError, LineReader, MAX_LINE};
use super::record::Record;
use super::validate::Conversations;
use crate::store::{ImportCounts, ImportOutcome, ImportRow, Store};
use crate::subject_kind::SubjectKind;
use crate::{Clock, Error};
use protocol::{ErrorBody, ErrorCode};
use std::io::{self, BufRead};
use std::time::{Duration, Instant};

/// The largest batch, in lines.
const MAX_BATCH: usize = 1_000;
/// The smallest batch, in lines: each batch has a cost of its own, which more of them would multiply.
const MIN_BATCH: usize = 250;
/// The batch at the beginning, in lines.
const FIRST_BATCH: usize = MIN_BATCH;
/// Size of its lines after which a batch ends, in bytes.
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;
/// How long a batch should take: a running server waits for it with its own writes.
const BATCH_TIME: Duration = Duration::from_millis(100);
/// The longest pause between batches.
const MAX_PAUSE: Duration = Duration::from_millis(250);

/// The state of an import after a batch, or at its end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Number of lines that are in the database.
    pub lines: u64,
    /// Number of bytes that were read.
    pub bytes: u64,
    /// Numbers of rows.
    pub counts: ImportCounts,
    /// Time in which the write lock was held or awaited.
    pub writing: Duration,
    /// Time in which the database was left to others.
    pub pausing: Duration,
}

/// Why an import ended early. The batches before it are in the database.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line is refused, and with it its batch.
    #[error("line {line}: {why}")]
    Line {
        /// Number of the line, from 1.
        line: u64,
        /// The reason.
        why: ErrorBody,
        /// Number of lines that are in the database.
        kept: u64,
    },
    /// The input cannot be read.
    #[error("the file cannot be read after line {line}: {cause}")]
    Input {
        /// Number of the last line that was read.
        line: u64,
        /// The cause.
        cause: io::Error,
    },
    /// The database failed.
    #[error("after line {kept}: {cause}")]
    Database {
        /// Number of lines that are in the database.
        kept: u64,
        /// The cause.
        cause: Error,
    },
}

/// Imports all lines. `kinds`: the kinds of subjects of this installation. After each batch it calls `report`, and pauses as long as the batch took, so that a running server can
/// write meanwhile.
///
/// # Errors
/// A line is refused, or the input or the database failed.
pub async fn import(
    store: &dyn Store,
    clock: &dyn Clock,
    kinds: &[SubjectKind],
    input: impl BufRead,
    mut report: impl FnMut(&Progress),
) -> Result<Progress, ImportError> {
    let mut lines = LineReader::new(input);
    let mut import = Import {
        store,
        clock,
        conversations: Conversations::new(kinds),
        batch: Vec::new(),
        size: FIRST_BATCH,
        progress: Progress::default(),
    };
    let mut bytes = 0;
    loop {
        let kept = import.progress.lines;
        match lines.next() {
            Ok(Some(line)) => {
                bytes += line.bytes.len();
                let row = import.parse(&line);
                let row = row.map_err(|why| ImportError::Line { line: lines.number, why, kept })?;
                import.batch.extend(row.map(|row| (lines.number, row)));
            }
            Ok(None) => break,
            Err(LineError::TooLong) => {
                let why = ErrorBody::because(
                    ErrorCode::TooLarge,
                    format!("The line has more than {MAX_LINE} bytes"),
                );
                return Err(ImportError::Line { line: lines.number, why, kept });
            }
            Err(LineError::Input(cause)) => return Err(ImportError::Input { line: lines.number, cause }),
        }
        if import.batch.len() >= import.size || bytes >= MAX_BATCH_BYTES {
            let took = import.write(lines.number, lines.bytes).await?;
            bytes = 0;
            report(&import.progress);
            import.pause(took).await;
        }
    }
    import.write(lines.number, lines.bytes).await?;
    report(&import.progress);
    Ok(import.progress)
}

struct Import<'a> {
    store: &'a dyn Store,
    clock: &'a dyn Clock,
    conversations: Conversations<'a>,
    /// The rows with the numbers of their lines.
    batch: Vec<(u64, ImportRow)>,
    /// Number of rows of a batch.
    size: usize,
    progress: Progress,
}

impl Import<'_> {
    /// Parses and validates a line; `None` if it is blank.
    fn parse(&mut self, line: &Line<'_>) -> Result<Option<ImportRow>, ErrorBody> {
        let malformed = |why: String| ErrorBody::because(ErrorCode::Malformed, why);
        // The mark at the beginning of files of some editors.
        let bytes = line.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line.bytes);
        if bytes.trim_ascii().is_empty() {
            return Ok(None);
        }
        let cut = || malformed("The file ends in the middle of this line".into());
        let text = match str::from_utf8(bytes) {
            Err(_) if line.is_cut => return Err(cut()),
            text => text.map_err(|_| malformed("The line is not valid UTF-8".into()))?,
        };
        let record: Record = match serde_json::from_str(text) {
            Err(error) if line.is_cut && error.is_eof() => return Err(cut()),
            record => record.map_err(|error| malformed(explain(&error)))?,
        };
        match self.conversations.row(record, self.clock.now()) {
            Ok(row) => Ok(Some(row)),
            Err(error) => Err(error.into_body()),
        }
    }

    /// Writes the batch, and returns the time that it took. `line` and `bytes`: how far the input is read.
    async fn write(&mut self, line: u64, bytes: u64) -> Result<Duration, ImportError> {
        let kept = self.progress.lines;
        let (numbers, rows): (Vec<u64>, Vec<ImportRow>) = std::mem::take(&mut self.batch).into_iter().unzip();
        let begun = Instant::now();
        if !rows.is_empty() {
            match self.store.import(&rows, self.clock.now()).await {
                Ok(ImportOutcome::Imported(counts)) => self.progress.add(counts),
                Ok(ImportOutcome::Refused { index, why }) => {
                    let line = numbers.get(index).copied().unwrap_or(line);
                    return Err(ImportError::Line { line, why, kept });
                }
                Err(cause) => return Err(ImportError::Database { kept, cause }),
            }
        }
        let took = begun.elapsed();
        self.progress.writing += took;
        (self.progress.lines, self.progress.bytes) = (line, bytes);
        self.size = match took {
            _ if took < BATCH_TIME / 2 => (self.size * 2).min(MAX_BATCH),
            _ if took > BATCH_TIME => (self.size / 2).max(MIN_BATCH),
            _ => self.size,
        };
        Ok(took)
    }

    async fn pause(&mut self, took: Duration) {
        let begun = Instant::now();
        tokio::time::sleep(took.min(MAX_PAUSE)).await;
        self.progress.pausing += begun.elapsed();
    }
}

impl Progress {
    fn add(&mut self, counts: ImportCounts) {
        let ImportCounts { people, conversations, messages, repeated } = counts;
        self.counts.people += people;
        self.counts.conversations += conversations;
        self.counts.messages += messages;
        self.counts.repeated += repeated;
    }
}

/// The error of a line, with its column only: the parser counts the lines of its own input.
fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    match error.column() {
        0 => what.to_owned(),
        column => format!("{what} (column {column})"),
    }
}
