//! What may be spent how fast, over all nodes.

/// Something to be spent: tokens that grow again by themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Allowance {
    /// Whose, and for what.
    pub key: String,
    /// Tokens that grow in a second.
    pub per_second: f64,
    /// How many there are at most.
    pub burst: f64,
    /// How many are spent; below 0: given back.
    pub amount: f64,
    /// They are spent already: there may be a debt afterwards.
    pub spent: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// Spent. So many are left; below 0: a debt.
    Left(f64),
    /// Nothing was spent: in so many seconds there will be enough.
    Wait(f64),
}
