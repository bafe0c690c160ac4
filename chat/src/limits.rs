//! Limits that an installation may change (`[rapport.limits]`). Limits of the wire format are in `protocol::limits`.

use protocol::AddableBy;
use serde::Deserialize;

/// Limits with their defaults.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Messages that a person may send per second on average; a system message about a group counts for who causes it.
    pub sends_per_second: f64,
    /// Messages that a person may send at once after a pause.
    pub send_burst: u32,
    /// Cost of the operations of a person per second on average; `service/cost.rs` has the costs.
    pub operations_per_second: f64,
    /// Cost of the operations of a person at once after a pause.
    pub operation_burst: u32,
    /// Requests of one service key per second on average.
    pub key_requests_per_second: f64,
    /// Requests of one service key at once after a pause.
    pub key_request_burst: u32,
    /// Maximum number of open sockets of one person.
    pub sockets_per_person: usize,
    /// Maximum number of open connections of one address, IPv6 networks of /64 together; trusted proxies are exempt.
    pub connections_per_address: usize,
    /// Maximum number of accounts created from one address within an hour.
    pub registrations_per_hour: u32,
    /// Maximum number of failed sign-ins from one address as one username within a minute. Ten times as many may fail from one
    /// address as any username, and as one username from any address.
    pub sign_ins_per_minute: u32,
    /// Maximum number of frames queued for one socket; a slower one is closed.
    pub queue: usize,
    /// Maximum number of passwords hashed at the same time. Each takes 19 MiB and most of a core.
    pub hashing_permits: usize,
    /// Whom new people let add them to groups, until they choose otherwise.
    pub addable_by: AddableBy,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sends_per_second: 5.0,
            send_burst: 20,
            operations_per_second: 200.0,
            operation_burst: 4_000,
            key_requests_per_second: 50.0,
            key_request_burst: 500,
            sockets_per_person: 10,
            connections_per_address: 512,
            registrations_per_hour: 20,
            sign_ins_per_minute: 10,
            queue: 256,
            hashing_permits: 2,
            addable_by: AddableBy::Contacts,
        }
    }
}
