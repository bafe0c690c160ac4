//! Outages of Redis with several processes (F4).

use super::Cluster;
use crate::support::{Person, Socket, room};
use protocol::{ConversationId, NewMessage, ServerFrame};
use std::time::{Duration, Instant};
use test_servers::Redis;

const BACK: Duration = Duration::from_secs(5);

struct Talk {
    anna: Person,
    id: ConversationId,
    bens: Socket,
    sent: usize,
    heard: usize,
}

impl Talk {
    /// Sends this many messages, and returns the second-longest time.
    async fn says(&mut self, count: usize) -> Duration {
        let mut times = Vec::new();
        for _ in 0..count {
            let began = Instant::now();
            self.anna.says(self.id, &self.sent.to_string()).await;
            times.push(began.elapsed());
            self.sent += 1;
        }
        times.sort_unstable();
        times[count - 2]
    }

    /// Waits until all messages have arrived once and in order, within this time.
    async fn hears(&mut self, within: Duration) {
        let since = Instant::now();
        while self.heard < self.sent {
            let frame = self.bens.until(|frame| matches!(frame, ServerFrame::NewMessage(_))).await;
            if let ServerFrame::NewMessage(NewMessage { message, .. }) = frame {
                assert_eq!(message.content, self.heard.to_string());
                self.heard += 1;
            }
        }
        assert!(since.elapsed() < within, "{:?}", since.elapsed());
    }
}

#[tokio::test]
async fn f4_redis_emptied_frozen_killed_and_back() {
    let mut redis = Redis::start().expect("a Redis");
    let cluster = Cluster::over(redis.url());
    let (one, other) = cluster.two().await;
    let (anna, ben) = (one.register("anna").await, other.register("ben").await);
    let id = room(&[&anna, &ben], None).await;
    let bens = ben.enters(id).await;
    let mut talk = Talk { anna, id, bens, sent: 0, heard: 0 };
    let normal = talk.says(30).await;
    talk.hears(BACK).await;
    let most = normal * 5 + Duration::from_millis(50);
    let as_before = |now: Duration| assert!(now < most, "acknowledged in {now:?}, and in {normal:?} before");

    redis.empty().expect("empties");
    as_before(talk.says(20).await);
    talk.hears(BACK).await;

    redis.pause().expect("pauses");
    as_before(talk.says(20).await);
    // By the database alone.
    talk.hears(BACK + Duration::from_secs(1)).await;
    as_before(talk.says(20).await);
    redis.resume().expect("resumes");
    talk.hears(BACK).await;

    redis.kill().expect("kills");
    as_before(talk.says(20).await);
    redis.resurrect().expect("comes back");
    talk.hears(BACK).await;
    as_before(talk.says(20).await);
    talk.hears(BACK).await;
}
