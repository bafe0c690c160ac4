//! The load: one thread that opens thousands of sockets, sends, and checks every message that arrives. It is the same for
//! every subject.

mod conn;
mod generator;
pub mod http;
mod tally;
pub mod wire;

pub use generator::{Arrival, FrameCounts, LoadGenerator};
pub use tally::{Latencies, Tally};
