//! Messages that simulated users send to a group unasked, once, to show activity.

use super::companion::Order;
use super::{Cast, Timing};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const WHERE: &str = "Tea kitchen 🫖";
const LINES: [(&str, &str); 12] = [
    ("robin", "Fresh tea in the kitchen. Careful, the blue pot has no lid 🫖"),
    ("zoe", "Where is its lid?"),
    ("robin", "On the globe. It fits."),
    ("noa", "😂 תשאירו אותו שם"),
    ("marek", "Room 2 is dry. You may walk in, slowly."),
    ("zoe", "Radio wants to come back. For the dog."),
    ("robin", "Tell them the dog is busy."),
    ("noa", "The Japanese paper is here 📜 Who wants to feel it?"),
    ("zoe", "Me. With clean hands, I promise."),
    ("marek", "🙋"),
    ("robin", "One biscuit is missing. I have counted."),
    ("marek", "It was delicious, Robin."),
];

/// Sends the messages one after the other, once a visitor is signed in.
pub(super) async fn play(
    cast: Arc<Cast>,
    orders: HashMap<&'static str, mpsc::Sender<Order>>,
    timing: Timing,
    stop: CancellationToken,
) {
    let mut taken = cast.visitors.watch();
    let played = async {
        let _ = taken.wait_for(|taken| !taken.is_empty()).await;
        for (who, text) in LINES {
            tokio::time::sleep(timing.between_lines()).await;
            if let Some(orders) = orders.get(who) {
                let _ = orders.try_send(Order { title: WHERE, text });
            }
        }
    };
    tokio::select! {
        () = played => {}
        () = stop.cancelled() => {}
    }
}
