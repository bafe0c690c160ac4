//! What an installation may change (`[rapport.limits]`). The wire's own bounds are in `protocol::limits`.

use serde::Deserialize;

/// Limits with their defaults.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Messages a person may send each second, in the long run.
    pub sends_per_second: f64,
    /// Messages a person may send at once after a pause.
    pub send_burst: u32,
    /// Sockets that one person may have open.
    pub sockets_per_person: usize,
    /// Accounts made from one address within an hour.
    pub registrations_per_hour: u32,
    /// Attempts to sign in from one address (and for one name) within a minute.
    pub sign_ins_per_minute: u32,
    /// Frames that wait for one socket before it is closed as too slow.
    pub queue: usize,
    /// Passwords hashed at the same time: each takes 19 MiB and most of a core.
    pub hashing_permits: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sends_per_second: 5.0,
            send_burst: 20,
            sockets_per_person: 10,
            registrations_per_hour: 20,
            sign_ins_per_minute: 10,
            queue: 256,
            hashing_permits: 2,
        }
    }
}
