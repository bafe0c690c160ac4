//! Random and mutated frames over real sockets. `TEST_SEED` draws other frames, `TEST_FRAMES` another number of them.

#[path = "../../../protocol/tests/noise/frames.rs"]
mod frames;

use crate::support::{PATIENCE, Person, Program, room, setting};
use frames::Noise;
use futures::{SinkExt as _, StreamExt as _};
use protocol::ConversationId;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::Message;

/// Number of frames per socket; more malformed ones than the server tolerates.
const EACH: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w9_random_and_mutated_frames_over_sockets() {
    const AT_ONCE: usize = 8;
    let (seed, count) = (setting("TEST_SEED", 9), setting("TEST_FRAMES", 20_000));
    println!("seed {seed}");
    let sockets = usize::try_from(count).unwrap() / AT_ONCE / EACH;
    let program = Program::alone(&[("RAPPORT_LIMITS__SOCKETS_PER_PERSON", "1000")]).await;
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let mut bens = ben.enters(talk).await;
    bens.says("Before").await;

    let mut before = 0;
    for (part, sockets) in [(0, sockets / 4), (1, sockets - sockets / 4)] {
        let all = (0..AT_ONCE as u64).map(|n| {
            let noise = Noise::new(seed.wrapping_mul(1_000) + part * AT_ONCE as u64 + n);
            tokio::spawn(babble(anna.clone(), talk, noise, sockets))
        });
        for one in all.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        if part == 0 {
            before = program.memory_kib();
        }
    }
    let after = program.memory_kib();
    assert!(after < before + 8 * 1024, "grew from {before} to {after} KiB");
    let log = program.log();
    assert!(!log.contains("panicked"), "{log}");

    let mut annas = anna.enters(talk).await;
    bens.says("Still served").await;
    annas.hears("Still served").await;
    assert_eq!(program.terminates().await, Some(0));
}

/// Opens sockets one after the other, and sends malformed frames on each until the server closes it.
async fn babble(person: Person, talk: ConversationId, mut noise: Noise, sockets: usize) {
    for _ in 0..sockets {
        let mut socket = if noise.below(2) == 0 { person.connect().await } else { person.enters(talk).await };
        let raw = noise.below(10) == 0;
        for _ in 0..EACH {
            let sent = match noise.below(100) {
                0 => socket.line.send(Message::binary(bytes(&mut noise, 200))).await.is_ok(),
                1 => socket.line.send(Message::Ping(bytes(&mut noise, 100).into())).await.is_ok(),
                // Not even a frame.
                _ if raw => socket.line.get_mut().write_all(&bytes(&mut noise, 50)).await.is_ok(),
                _ => socket.line.send(Message::text(noise.text())).await.is_ok(),
            };
            if !sent {
                break;
            }
        }
        // Whatever it was: the server hangs up, or answers the goodbye; it never just stays there.
        let end = async {
            if raw {
                let _ = socket.line.get_mut().shutdown().await;
            } else {
                let _ = socket.line.close(None).await;
            }
            while let Some(Ok(_)) = socket.line.next().await {}
        };
        tokio::time::timeout(PATIENCE, end).await.expect("an end");
    }
}

/// Random bytes.
fn bytes(noise: &mut Noise, most: usize) -> Vec<u8> {
    (0..noise.below(most)).map(|_| u8::try_from(noise.below(256)).unwrap()).collect()
}
