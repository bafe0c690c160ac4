//! How many messages and receipts a second become durable, by the size of a batch, and how long reads take:
//! `cargo run --release -p chat --example commits`.
//! The file goes to the folder given as the first argument, or to a temporary one. `postgres://…` instead measures that
//! database, which must be empty.

use chat::store::{
    AccountKind, Mark, NewAccount, NewConversation, NewMessage, Outcome, Postgres, Sqlite, Store, Write,
};
use protocol::{AddableBy, ClientId, ConversationId, OpenCursors, SyncRequest, Timestamp, UserId};
use std::error::Error;
use std::time::{Duration, Instant};

const PAIRS: usize = 100;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let place = std::env::args().nth(1);
    if let Some(url) = place.as_deref().filter(|place| Postgres::is_url(place)) {
        return all(&Postgres::open_url(url).await?).await;
    }
    let folder = place.map_or_else(std::env::temp_dir, Into::into);
    let path = folder.join(format!("rapport-commits-{}.db", std::process::id()));
    all(&Sqlite::open(&path).await?).await?;
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
    Ok(())
}

async fn all(store: &dyn Store) -> Result<(), Box<dyn Error>> {
    let pairs = pairs(store).await?;
    for size in [1, 10, 100, 1_000] {
        measure(store, &pairs, size).await?;
    }
    for size in [1, 10, 100, 1_000] {
        marks(store, &pairs, size).await?;
    }
    reads(store, pairs[0]).await
}

/// Pairs of people with their direct conversations.
async fn pairs(store: &dyn Store) -> Result<Vec<(UserId, ConversationId)>, Box<dyn Error>> {
    let mut pairs = Vec::new();
    for n in 0..PAIRS {
        let mut ids = Vec::new();
        for side in ["a", "b"] {
            let account = NewAccount {
                username: format!("{side}{n}"),
                first_name: "First".into(),
                last_name: "Last".into(),
                password_hash: String::new(),
                kind: AccountKind::Person,
                addable_by: AddableBy::Everyone,
                request_hash: None,
            };
            ids.push(store.create_account(account, Timestamp(1)).await?.person.id);
        }
        let creator = ids[0];
        let new =
            NewConversation { creator, participants: ids, title: None, client_id: None, invites: false };
        if let Outcome::ConversationCreated { id, .. } =
            store.commit(&[Write::CreateConversation(new)], Timestamp(1)).await?.remove(0)?
        {
            pairs.push((creator, id));
        }
    }
    Ok(pairs)
}

/// Commits batches of this size, one after another, for three seconds.
async fn measure(
    store: &dyn Store,
    pairs: &[(UserId, ConversationId)],
    size: usize,
) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let cpu = cpu();
    let mut sent = 0;
    while start.elapsed() < Duration::from_secs(3) {
        let batch: Vec<_> = (sent..sent + size).map(|n| message(pairs[n % pairs.len()], n)).collect();
        for outcome in store.commit(&batch, Timestamp(2)).await? {
            outcome?;
        }
        sent += size;
    }
    let each = cpu_since(cpu) / u32::try_from(sent)?;
    println!(
        "{size:>4} a batch: {:>8.0} messages/s, {each:?} of CPU each",
        sent as f64 / start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Commits batches of so many receipts for three seconds, each for the newest message of a conversation.
async fn marks(
    store: &dyn Store,
    pairs: &[(UserId, ConversationId)],
    size: usize,
) -> Result<(), Box<dyn Error>> {
    let (mut marked, mut spent) = (0, Duration::ZERO);
    while spent < Duration::from_secs(3) {
        let those = || (marked..marked + size).map(|n| (pairs[n % pairs.len()], n));
        let sends: Vec<_> = those().map(|(pair, n)| message(pair, n)).collect();
        store.commit(&sends, Timestamp(2)).await?;
        // The other one of the pair was made right after the first.
        let mark = |((creator, conversation), _): ((UserId, ConversationId), usize)| {
            Write::Mark(Mark { user: UserId(creator.0 + 1), conversation, message: None, read: true })
        };
        let marks: Vec<_> = those().map(mark).collect();
        let start = Instant::now();
        for outcome in store.commit(&marks, Timestamp(3)).await? {
            outcome?;
        }
        spent += start.elapsed();
        marked += size;
    }
    println!("{size:>4} a batch: {:>8.0} receipts/s", marked as f64 / spent.as_secs_f64());
    Ok(())
}

/// How long the usual reads take, one after another.
async fn reads(store: &dyn Store, (user, id): (UserId, ConversationId)) -> Result<(), Box<dyn Error>> {
    let cursor = store.page(user, id, None, 1).await?.as_of;
    let sync = SyncRequest {
        user_rev: 1,
        list: false,
        open: OpenCursors([(id, cursor - 10)].into_iter().collect()),
    };
    for what in ["ready", "page", "list", "changes", "sync"] {
        let (start, cpu, count) = (Instant::now(), cpu(), 3_000);
        for _ in 0..count {
            match what {
                "ready" => store.ready().await?,
                "page" => drop(store.page(user, id, None, 50).await?),
                "list" => drop(store.conversations(user).await?),
                "changes" => drop(store.changes(user, id, cursor - 10).await?),
                _ => drop(store.sync(user, &sync).await?),
            }
        }
        println!("{what:>8}: {:?}, {:?} of CPU each", start.elapsed() / count, cpu_since(cpu) / count);
    }
    Ok(())
}

fn message((sender, conversation): (UserId, ConversationId), n: usize) -> Write {
    let content = format!("Message {n}: about as long as people write in a chat, most of the time.");
    Write::Send(NewMessage {
        sender,
        conversation,
        client_id: ClientId::mint(),
        hash: [7; 16],
        content,
        reply_to: None,
    })
}

/// The processor time of this process, in hundredths of a second.
fn cpu() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [11, 12].iter().filter_map(|&at| fields.get(at)?.parse::<u64>().ok()).sum()
}

fn cpu_since(before: u64) -> Duration {
    Duration::from_millis((cpu() - before) * 10)
}
