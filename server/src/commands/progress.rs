//! The progress of an import on standard error: a bar on a terminal, else a line every few seconds.

use chat::transfer::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// Interval of the lines.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Shows a progress.
pub(super) struct ImportProgress {
    bar: ProgressBar,
    begun: Instant,
    told: Instant,
    /// The size of the input in bytes, if it is known.
    size: Option<u64>,
}

impl ImportProgress {
    /// Begins to show; `size`: of the input in bytes, if it is known.
    pub(super) fn start(size: Option<u64>) -> Self {
        // Hidden unless standard error is a terminal.
        let bar = size.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let template = match size {
            Some(_) => "{bar:30} {percent:>3} %  {msg}, {eta} left",
            None => "{spinner} {bytes}  {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, begun: Instant::now(), told: Instant::now(), size }
    }

    /// Shows the state after a batch.
    pub(super) fn show(&mut self, progress: &Progress) {
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let rate = progress.lines as f64 / seconds;
        let message = format!("{} lines, {rate:.0} lines/s", progress.lines);
        self.bar.set_position(progress.bytes);
        self.bar.set_message(message.clone());
        if self.bar.is_hidden() && self.told.elapsed() >= LINE_INTERVAL {
            self.told = Instant::now();
            let left = self.size.map(|size| {
                let share = progress.bytes as f64 / size.max(1) as f64;
                seconds * (1.0 - share) / share.max(f64::EPSILON)
            });
            let left = left.map_or(String::new(), |left| format!(", about {left:.0} s left"));
            eprintln!("{message}{left}");
        }
    }

    /// Removes the bar.
    pub(super) fn end(self) {
        self.bar.finish_and_clear();
    }
}
