//! The cold start of the program, and the first load of a page.

use crate::BoxError;
use crate::compare::figure::{Figure, figure};
use crate::measure;
use std::future::Future;
use std::path::Path;

/// The number of starts in one block.
const TIMES: usize = 3;

/// The time from the start of the process to its first answer, and its memory at rest.
pub(super) fn start(rapport: &Path) -> Result<Vec<Figure>, BoxError> {
    let found = wait(measure::start::run(rapport, TIMES))?;
    Ok(vec![
        figure("ms to the first answer", found.first_answer_ms),
        figure("MB of memory at rest", found.idle_kib * 1_024.0 / 1e6),
    ])
}

/// The bytes of the first load.
pub(super) fn load(rapport: &Path) -> Result<Vec<Figure>, BoxError> {
    let parts = wait(measure::load::run(rapport))?;
    #[allow(clippy::cast_precision_loss)]
    let kb = |is: &dyn Fn(&str) -> bool| {
        parts.iter().filter(|part| is(&part.path)).map(|part| part.bytes as f64).sum::<f64>() / 1e3
    };
    let ends = |end: &'static str| move |path: &str| path.ends_with(end);
    Ok(vec![
        figure("KB in all", kb(&|_| true)),
        figure("WASM", kb(&ends(".wasm"))),
        figure("JavaScript", kb(&ends(".js"))),
        figure("CSS", kb(&ends(".css"))),
        figure("HTML", kb(&|path| !path.contains('.'))),
    ])
}

/// Runs a future to completion on this thread.
pub(super) fn wait<T>(what: impl Future<Output = Result<T, BoxError>>) -> Result<T, BoxError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(what)
}
