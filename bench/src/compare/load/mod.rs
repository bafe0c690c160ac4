//! The load: one thread that opens sockets by the thousand, speaks, and checks every message that arrives. The same for
//! every subject.

mod conn;
mod generator;
pub mod http;
mod tally;
pub mod wire;

pub use generator::{Arrival, FrameCounts, LoadGenerator};
pub use tally::{Latencies, Tally};
