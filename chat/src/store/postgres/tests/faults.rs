//! A server that is killed or frozen: requests fail, and the store recovers by itself.

use super::super::Postgres;
use super::world;
use crate::Error;
use crate::store::contract::new_message;
use crate::store::{Outcome, Store, Write};
use protocol::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep, timeout};

/// Limit of each wait for a condition.
const PATIENCE: Duration = Duration::from_secs(60);

/// Repeats a write, as clients do, until it succeeds.
async fn until_sent(store: &Arc<Postgres>, write: &Write) -> Outcome {
    let sending = async {
        loop {
            match store.commit(std::slice::from_ref(write), Timestamp(1)).await {
                Ok(mut outcomes) => return outcomes.remove(0).unwrap(),
                Err(Error::Unavailable(_)) => sleep(Duration::from_millis(20)).await,
                Err(error) => panic!("{error}"),
            }
        }
    };
    timeout(PATIENCE, sending).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f5_a_server_that_is_killed_or_frozen_loses_and_doubles_nothing() {
    let mut server = block_in_place(test_servers::Postgres::start).unwrap();
    let url = block_in_place(|| server.database()).unwrap();
    let store = Arc::new(Postgres::open_url(&url).await.unwrap());
    let world = world(&store);
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let mut expected = vec![world.send(ana, id, "before").await];
    for round in 0..3 {
        let sending: Vec<_> = (0..6)
            .map(|n| {
                let store = Arc::clone(&store);
                let write = Write::Send(new_message(ana, id, &format!("{round} {n}")));
                tokio::spawn(async move { until_sent(&store, &write).await })
            })
            .collect();
        if round == 2 {
            // Connections stay open, and nothing is answered.
            block_in_place(|| server.pause()).unwrap();
            let began = Instant::now();
            let read = store.page(ana, id, None, 50).await;
            assert!(matches!(read, Err(Error::Unavailable(_))), "{read:?}");
            assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
            block_in_place(|| server.resume()).unwrap();
        } else {
            block_in_place(|| server.kill()).unwrap();
            let read = store.page(ana, id, None, 50).await;
            assert!(matches!(read, Err(Error::Unavailable(_))), "{read:?}");
            assert!(matches!(store.ready().await, Err(Error::Unavailable(_))));
            block_in_place(|| server.resurrect()).unwrap();
        }
        for sending in sending {
            let Outcome::Sent { message, .. } = sending.await.unwrap() else { panic!("not a send") };
            expected.push(message);
        }
        let reading = async {
            loop {
                match store.page(bo, id, None, 50).await {
                    Ok(page) => return page,
                    Err(Error::Unavailable(_)) => sleep(Duration::from_millis(20)).await,
                    Err(error) => panic!("{error}"),
                }
            }
        };
        let page = timeout(PATIENCE, reading).await.unwrap();
        expected.sort_unstable_by_key(|message| message.seq);
        assert_eq!(page.messages, expected);
        let seqs: Vec<_> = expected.iter().map(|message| message.seq).collect();
        assert_eq!(seqs, (1..=page.as_of).collect::<Vec<_>>());
    }
}
