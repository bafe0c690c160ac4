//! HTTP requests: pages, and changes after a gap.

use super::Scale;
use crate::BoxError;
use crate::compare::figure::{Figure, figure};
use crate::compare::kind::Kind;
use crate::compare::load::http::{self, Connection};
use crate::compare::subject::Subject;
use std::time::Duration;

/// Concurrent connections.
pub(super) const CONNECTIONS: usize = 4;
/// The size of the gap, in changes.
pub(super) const MISSED: i64 = 200;

/// The page of the room, whole and not compressed, as the limit's page of the same size is.
pub(super) fn page(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let path = subject.page_path();
    let size = subject.page()?.len();
    // Pages may differ a little in length, by a nonce or a time.
    let passes = |body: &[u8]| body.len().abs_diff(size) < size / 10 + 1;
    let (mut found, asked) = asked(subject, &path, scale, &passes, "pages")?;
    let [first50, first99] = asked.first_byte.millis([0.5, 0.99]);
    #[allow(clippy::cast_precision_loss)]
    found.extend([
        figure("first byte p50 ms", first50),
        figure("first byte p99 ms", first99),
        figure("KiB of a page", size as f64 / 1_024.0),
    ]);
    // The rate comes first, because the ratio to the limit is that of the first figure.
    found.swap(0, 1);
    Ok(found)
}

/// Changes after a gap, in one answer.
pub(super) fn sync(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let room = subject.fixture.room.id;
    let token = subject.token();
    let newest = Connection::open(subject.group.address())?
        .get(&format!("/api/conversations/{room}/messages?limit=1"), token)?
        .body;
    let newest: serde_json::Value = serde_json::from_slice(&newest)?;
    let rev = newest.get("as_of").and_then(serde_json::Value::as_i64).ok_or("no as_of")?;
    let missed = MISSED.min(rev - 1);
    let path = format!("/api/conversations/{room}/messages?after={}", rev - missed);
    let newest_is_there = format!("\"rev\":{rev},");
    let passes = |body: &[u8]| memchr::memmem::find(body, newest_is_there.as_bytes()).is_some();
    Ok(asked(subject, &path, scale, &passes, "syncs")?.0)
}

fn asked(
    subject: &Subject,
    path: &str,
    scale: &Scale,
    passes: &(dyn Fn(&[u8]) -> bool + Sync),
    what: &str,
) -> Result<(Vec<Figure>, http::Responses), BoxError> {
    let ask = |seconds: f64| {
        let time = Duration::from_secs_f64(seconds);
        http::repeat(subject.group.address(), (path, subject.token()), CONNECTIONS, time, passes)
    };
    ask(scale.warm_up())?;
    let cpu = subject.group.cpu()?;
    let mut asked = ask(scale.seconds)?;
    let cpu = subject.group.cpu()? - cpu;
    #[allow(clippy::cast_precision_loss)]
    let count = asked.count as f64;
    let [p50, p99, p999] = std::mem::take(&mut asked.whole).millis([0.5, 0.99, 0.999]);
    let figures = vec![
        figure(&format!("CPU s per 1,000 {what}"), cpu / count * 1e3),
        figure(&format!("{what}/s"), count / scale.seconds),
        figure("p50 ms", p50),
        figure("p99 ms", p99),
        figure("p99.9 ms", p999),
        subject.group.memory()?,
    ];
    Ok((figures, asked))
}

impl Subject {
    /// The path of the page of the room.
    fn page_path(&self) -> String {
        if self.kind == Kind::Limit { "/".into() } else { format!("/c/{}", self.fixture.room.id) }
    }

    /// The token of the first member of the room.
    fn token(&self) -> &str {
        &self.fixture.tokens[self.fixture.room.members[0]]
    }

    /// The page of the room.
    ///
    /// # Errors
    /// The request fails.
    pub fn page(&self) -> Result<Vec<u8>, BoxError> {
        Ok(Connection::open(self.group.address())?.get(&self.page_path(), self.token())?.body)
    }
}
