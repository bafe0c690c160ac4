//! Single measurements of one server.

pub mod durable;
pub mod idle;
pub mod import;
pub mod instructions;
pub mod load;
pub mod pairs;
pub mod start;

/// The quantile of a sorted list by the nearest-rank method.
pub(crate) fn quantile(sorted: &[f64], fraction: f64) -> f64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let at = ((sorted.len() as f64 * fraction).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}
