//! Times of a generated history.

use super::{sqlite, world};
use crate::store::Store;
use protocol::Timestamp;

#[tokio::test]
async fn messages_move_in_time_and_keep_their_places() {
    let (store, _folder) = sqlite().await;
    let world = world(&store);
    let (ana, bo, _) = world.three().await;
    let id = world.conversation(&[ana, bo]).await;
    let sent = world.send_many(ana, id, 3).await;
    let moments: Vec<_> = sent.iter().map(|message| (message.id, Timestamp(message.seq * 1_000))).collect();
    store.redate(&moments[..2]).await.unwrap();
    let page = store.page(bo, id, None, 50).await.unwrap();
    let times: Vec<_> = page.messages.iter().map(|message| message.timestamp).collect();
    assert_eq!(times, [Timestamp(1_000), Timestamp(2_000), sent[2].timestamp]);
    assert_eq!(page.as_of, 3, "it is no change that anybody must hear of");
    let places: Vec<_> = page.messages.iter().map(|message| (message.seq, message.rev)).collect();
    assert_eq!(places, [(1, 1), (2, 2), (3, 3)]);
}
