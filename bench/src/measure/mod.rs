//! What one server costs, measured on this machine.

pub mod durable;
pub mod idle;
pub mod instructions;
pub mod load;
pub mod pairs;
pub mod start;

/// The value at a fraction of a sorted list (nearest rank).
pub(crate) fn quantile(sorted: &[f64], fraction: f64) -> f64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let at = ((sorted.len() as f64 * fraction).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}
