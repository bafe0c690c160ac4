//! Reading what no honest client sends. `TEST_SEED` draws other frames, `TEST_FRAMES` another number of them.

#[path = "noise/frames.rs"]
mod frames;

use frames::Noise;
use protocol::{ClientFrame, DecodeError};
use std::collections::BTreeMap;

/// Of a client's frames none is kept: what reading a million of them leaves in memory is less than one byte each.
const GROWTH_KIB: u64 = 900;

fn setting(name: &str, usually: u64) -> u64 {
    std::env::var(name).map_or(usually, |text| text.parse().expect("a number"))
}

/// Memory that is this process' own, where the system tells.
fn memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find(|line| line.starts_with("RssAnon:"))?.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn w9_a_million_random_and_mutated_frames() {
    let (seed, count) = (setting("TEST_SEED", 9), setting("TEST_FRAMES", 1_000_000));
    println!("seed {seed}");
    let mut noise = Noise::new(seed);
    let mut outcomes: BTreeMap<&str, u64> = BTreeMap::new();
    let mut before = None;
    for n in 0..count {
        if n == count / 10 {
            before = memory_kib();
        }
        let text = noise.text();
        let outcome = match ClientFrame::decode(&text) {
            Ok(frame) => {
                let again = serde_json::to_string(&frame).expect("a frame that was read can be written");
                assert_eq!(ClientFrame::decode(&again), Ok(frame), "{text}");
                "read"
            }
            Err(DecodeError::InvalidJson) => "no JSON",
            Err(DecodeError::UnknownType) => "no type",
            Err(DecodeError::MessageIdRequired) => "no message",
            Err(DecodeError::Malformed) => "malformed",
        };
        *outcomes.entry(outcome).or_default() += 1;
    }
    println!("{outcomes:?}");
    if let (Some(before), Some(after)) = (before, memory_kib()) {
        assert!(after < before + GROWTH_KIB, "grew from {before} to {after} KiB");
    }
    // What is drawn must be worth it: each outcome often enough.
    for outcome in ["read", "no JSON", "no type", "no message", "malformed"] {
        let times = outcomes.get(outcome).copied().unwrap_or_default();
        assert!(times > count / 200, "{outcome}: {times} of {count}");
    }
}
