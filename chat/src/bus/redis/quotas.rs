//! Quotas that all nodes share. For each bucket Redis stores the time at which it is full again, by the clock of Redis. The
//! requests of one call take one round trip, and a server that does not answer delays nobody.

use crate::bus::{QuotaDecision, SharedQuota};
use crate::lock::lock;
use crate::metrics;
use redis::aio::MultiplexedConnection;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// Time limit of one request.
const TIMEOUT: Duration = Duration::from_millis(20);
/// Pause after a failed request, in which the node decides alone.
const PAUSE: Duration = Duration::from_secs(1);

// Arguments for each key: microseconds per token, capacity, amount, and whether the tokens are spent already.
// Returns pairs: 1 and the tokens left in thousandths, or 0 and the microseconds to wait.
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

pub(super) struct Quotas {
    script: redis::Script,
    paused_until: Mutex<Option<Instant>>,
}

impl Quotas {
    pub(super) fn new() -> Self {
        Self { script: redis::Script::new(SCRIPT), paused_until: Mutex::default() }
    }

    /// Sends the requests, unless a recent one failed.
    pub(super) async fn spend(
        &self,
        mut connection: MultiplexedConnection,
        prefix: &str,
        asked: &[SharedQuota],
    ) -> Option<Vec<QuotaDecision>> {
        if asked.is_empty() || lock(&self.paused_until).is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let mut call = self.script.prepare_invoke();
        for SharedQuota { key, per_second, burst, amount, already_spent } in asked {
            call.key(format!("{prefix}:may:{key}"));
            call.arg(1_000_000.0 / per_second).arg(*burst).arg(*amount).arg(u8::from(*already_spent));
        }
        let answer = tokio::time::timeout(TIMEOUT, call.invoke_async::<Vec<i64>>(&mut connection)).await;
        match answer {
            Ok(Ok(said)) if said.len() == asked.len() * 2 => {
                Some(said.chunks_exact(2).map(|pair| read(pair[0], pair[1])).collect())
            }
            _ => {
                *lock(&self.paused_until) = Some(Instant::now() + PAUSE);
                metrics::BUS_UNANSWERED.increment(1);
                None
            }
        }
    }
}

fn read(granted: i64, value: i64) -> QuotaDecision {
    #[expect(clippy::cast_precision_loss, reason = "far below what a float holds exactly")]
    let value = value as f64;
    if granted == 1 {
        QuotaDecision::Granted(value / 1_000.0)
    } else {
        QuotaDecision::Wait((value / 1_000_000.0).max(0.001))
    }
}
