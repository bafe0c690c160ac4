//! `rapport export [FILE]`, which works with and without a running server.

use super::{fail, refuse};
use crate::backend::{Backend, ServerError};
use crate::config::Config;
use chat::store::ImportCounts;
use protocol::{ConversationId, ErrorBody, ErrorCode};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `rapport export`.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// The file to write, which only its owner can read; `-`: standard output
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Export only the conversation with this id, and its people
    #[arg(long, value_name = "ID")]
    conversation: Option<ConversationId>,
}

/// Why the export failed, as a message for the operator.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    /// The file cannot be written.
    #[error("{0}: {1}")]
    Output(PathBuf, io::Error),
    /// The backend failed.
    #[error(transparent)]
    Backend(#[from] ServerError),
}

impl From<chat::Error> for ExportError {
    fn from(error: chat::Error) -> Self {
        Self::Backend(error.into())
    }
}

/// Exports, and prints the numbers to standard error.
pub(crate) async fn export(config: &Config, options: &Options) -> ExitCode {
    match write(config, options).await {
        Ok(ImportCounts { people, conversations, messages, .. }) => {
            eprintln!("Exported {people} people, {conversations} conversations and {messages} messages.");
            ExitCode::SUCCESS
        }
        Err(ExportError::Backend(error)) if error.refuses() => refuse(&error),
        Err(error) => fail(&error),
    }
}

async fn write(config: &Config, options: &Options) -> Result<ImportCounts, ExportError> {
    let backend = Backend::open(config).await?;
    let at = |error| ExportError::Output(options.file.clone(), error);
    let counts = if options.file == Path::new("-") {
        let mut output = BufWriter::new(io::stdout().lock());
        lines(&backend, options, &mut output).await?
    } else {
        // Beside the file, which appears when it is complete. Only its owner can read it.
        let folder = options.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(at)?;
        let mut output = BufWriter::new(file);
        let counts = lines(&backend, options, &mut output).await?;
        let file = output.into_inner().map_err(|error| at(error.into_error()))?;
        file.as_file().sync_all().map_err(at)?;
        file.persist(&options.file).map_err(|error| at(error.error))?;
        counts
    };
    backend.store.close().await?;
    Ok(counts)
}

/// Writes the lines.
async fn lines(
    backend: &Backend,
    options: &Options,
    output: &mut impl Write,
) -> Result<ImportCounts, ExportError> {
    let written = chat::transfer::export(&*backend.store, options.conversation, output).await?;
    let counts = written.map_err(|error| ExportError::Output(options.file.clone(), error))?;
    match options.conversation {
        Some(id) if counts.conversations == 0 => {
            let why = format!("There is no conversation with the id {id}");
            Err(chat::Error::from(ErrorBody::because(ErrorCode::NotFound, why)).into())
        }
        _ => Ok(counts),
    }
}
