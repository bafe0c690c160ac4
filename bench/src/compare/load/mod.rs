//! The load: one thread that opens sockets by the thousand, speaks, and checks every message that arrives. The same for
//! every subject.

mod conn;
mod crowd;
pub mod http;
mod tally;
pub mod wire;

pub use crowd::{Arrival, Crowd, Heard};
pub use tally::{Latencies, Tally};
