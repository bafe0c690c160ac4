//! Process metrics, from `/proc` where it exists.

use super::names;
use std::time::{SystemTime, UNIX_EPOCH};

/// `/proc` counts processor time in hundredths of a second on all supported platforms.
const TICKS: u64 = 100;

/// Sets the metrics that do not change.
pub(super) fn begin() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    names::STARTED.set(now.as_secs_f64());
    metrics::gauge!("rapport_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    if let Some(most) = max_fds() {
        names::MAX_FDS.set(most);
    }
}

/// Updates the metrics from `/proc`.
pub(super) fn measure() {
    if let Some(bytes) = memory() {
        names::MEMORY.set(bytes);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        #[allow(clippy::cast_precision_loss, reason = "a count of files")]
        names::OPEN_FDS.set(files.count() as f64);
    }
    if let Some(seconds) = cpu() {
        names::CPU.absolute(seconds);
    }
}

fn memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib * 1_024.0)
}

fn max_fds() -> Option<f64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn cpu() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name and may hold anything, brackets included.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some((next()? + next()?) / TICKS)
}
