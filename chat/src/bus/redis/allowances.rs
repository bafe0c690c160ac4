//! Allowances that all nodes share: for each a moment at which everything spent so far has grown again, by the clock of
//! Redis. One round trip for many, and no waiting for a server that does not answer.

use super::super::{Allowance, Answer};
use crate::lock::lock;
use crate::metric;
use redis::aio::MultiplexedConnection;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// Nobody waits longer than this.
const PATIENCE: Duration = Duration::from_millis(20);
/// After a failure it is not asked for this long.
const REST: Duration = Duration::from_secs(1);

// For each key: microseconds a token, the most tokens, how many now, and whether they are spent already.
// Gives pairs: 1 and thousandths of tokens that are left, or 0 and microseconds to wait.
const SCRIPT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local out = {}
for i, key in ipairs(KEYS) do
  local every, most = tonumber(ARGV[4 * i - 3]), tonumber(ARGV[4 * i - 2])
  local amount, spent = tonumber(ARGV[4 * i - 1]), ARGV[4 * i] == '1'
  local full = math.max(tonumber(redis.call('GET', key)) or now, now) + amount * every
  full = math.max(full, now)
  local over = full - now - most * every
  if over > 0 and not spent then
    out[#out + 1] = 0
    out[#out + 1] = math.ceil(over)
  else
    local keep = math.ceil((full - now) / 1000) + 1
    redis.call('SET', key, string.format('%.0f', full), 'PX', string.format('%.0f', keep))
    out[#out + 1] = 1
    out[#out + 1] = math.floor((most * every - (full - now)) / every * 1000)
  end
end
return out";

pub(super) struct Allowances {
    script: redis::Script,
    rests_until: Mutex<Option<Instant>>,
}

impl Allowances {
    pub(super) fn new() -> Self {
        Self { script: redis::Script::new(SCRIPT), rests_until: Mutex::default() }
    }

    /// Asks, if the last question was answered.
    pub(super) async fn spend(
        &self,
        mut connection: MultiplexedConnection,
        prefix: &str,
        asked: &[Allowance],
    ) -> Option<Vec<Answer>> {
        if asked.is_empty() || lock(&self.rests_until).is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let mut call = self.script.prepare_invoke();
        for Allowance { key, per_second, burst, amount, spent } in asked {
            call.key(format!("{prefix}:may:{key}"));
            call.arg(1_000_000.0 / per_second).arg(*burst).arg(*amount).arg(u8::from(*spent));
        }
        let answer = tokio::time::timeout(PATIENCE, call.invoke_async::<Vec<i64>>(&mut connection)).await;
        match answer {
            Ok(Ok(said)) if said.len() == asked.len() * 2 => {
                Some(said.chunks_exact(2).map(|pair| read(pair[0], pair[1])).collect())
            }
            _ => {
                *lock(&self.rests_until) = Some(Instant::now() + REST);
                metric::BUS_UNANSWERED.increment(1);
                None
            }
        }
    }
}

fn read(granted: i64, value: i64) -> Answer {
    #[expect(clippy::cast_precision_loss, reason = "far below what a float holds exactly")]
    let value = value as f64;
    if granted == 1 { Answer::Left(value / 1_000.0) } else { Answer::Wait((value / 1_000_000.0).max(0.001)) }
}
