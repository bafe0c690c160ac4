//! Rate limits that are shared by all nodes.

/// A request for tokens from a bucket that refills over time.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedQuota {
    /// Identifies the bucket: its purpose and its owner.
    pub key: String,
    /// Tokens that are added per second.
    pub per_second: f64,
    /// Capacity of the bucket in tokens.
    pub burst: f64,
    /// The number of tokens to take; negative to return tokens.
    pub amount: f64,
    /// The tokens were spent already, so they are taken even if the bucket then has a debt.
    pub already_spent: bool,
}

/// The answer to a [`SharedQuota`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum QuotaDecision {
    /// The tokens were taken. The value is the number of tokens left; negative for a debt.
    Granted(f64),
    /// No tokens were taken. The value is the time in seconds until there are enough.
    Wait(f64),
}
