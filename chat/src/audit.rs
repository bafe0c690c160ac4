//! Who did what that somebody may have to answer for later: lines of the log with the target `audit`. Never what was
//! said, nor anything that opens a door.
//!
//! Whoever attacks can cause as many of these as they like, so a kind of line is told a few times a minute; what comes
//! beyond is counted, and told as one line.

use crate::lock::lock;
use protocol::{ConversationId, MessageId, UserId};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Name and password were given.
    SignIn,
    /// An account was made.
    Register,
    /// A sign-in was ended by its owner.
    SignOut,
    /// All of one's sign-ins were.
    SignOutEverywhere,
    /// All of one's sign-ins but the one that asked were.
    SignOutElsewhere,
    /// The password was changed.
    ChangePassword,
    /// Somebody was shut out.
    Suspend,
    /// Somebody was let in again.
    LiftSuspension,
    /// The command line made a token.
    IssueToken,
    /// A token was shown that is none of ours, has expired or was ended.
    ShowToken,
    /// A refresh token was shown a second time: somebody else has it too.
    ReuseRefreshToken,
    /// Somebody was taken out of a conversation, or left it.
    RemoveMember,
    /// A message was deleted for everyone.
    DeleteForEveryone,
    /// A page of another site wanted a socket, or sent a form.
    CrossSite,
    /// Another name than ours was asked for.
    ForeignHost,
    /// Messages came too fast.
    Send,
    /// A socket was asked for, or misused.
    UseSocket,
}

impl Act {
    fn words(self) -> &'static str {
        match self {
            Self::SignIn => "sign in",
            Self::Register => "register",
            Self::SignOut => "sign out",
            Self::SignOutEverywhere => "sign out everywhere",
            Self::SignOutElsewhere => "sign out elsewhere",
            Self::ChangePassword => "change password",
            Self::Suspend => "suspend",
            Self::LiftSuspension => "lift suspension",
            Self::IssueToken => "issue token",
            Self::ShowToken => "show token",
            Self::ReuseRefreshToken => "reuse refresh token",
            Self::RemoveMember => "remove member",
            Self::DeleteForEveryone => "delete for everyone",
            Self::CrossSite => "cross-site request",
            Self::ForeignHost => "foreign host",
            Self::Send => "send",
            Self::UseSocket => "use socket",
        }
    }
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ended {
    /// It was done.
    Ok,
    /// It was not.
    Refused,
    /// It was tried too often.
    Throttled,
}

impl Ended {
    fn words(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Throttled => "throttled",
        }
    }

    /// Lines of a kind that are told in a minute. Refusals cost nobody anything.
    fn lines(self) -> u32 {
        match self {
            Self::Ok => 120,
            Self::Refused | Self::Throttled => 10,
        }
    }
}

tokio::task_local! {
    static FROM: Option<IpAddr>;
}

/// Does this work for somebody at that address, as far as it is known.
pub fn asked_from<T>(address: Option<IpAddr>, work: impl Future<Output = T>) -> impl Future<Output = T> {
    FROM.scope(address, work)
}

/// The address of the client that this work is for; empty where it is not known.
#[must_use]
pub fn client_address() -> String {
    FROM.try_with(|from| *from).ok().flatten().map(|address| address.to_string()).unwrap_or_default()
}

/// A line that is being made.
#[derive(Clone, Copy, Debug)]
#[must_use = "it is not told yet"]
pub struct Note {
    act: Act,
    ended: Ended,
    by: Option<UserId>,
    user: Option<UserId>,
    conversation: Option<ConversationId>,
    message: Option<MessageId>,
}

impl Note {
    /// What was done, and how it went.
    pub fn new(act: Act, ended: Ended) -> Self {
        Self { act, ended, by: None, user: None, conversation: None, message: None }
    }

    /// What was done if this is good; `None` where it failed for want of the database, which is nobody's doing.
    pub(crate) fn of<T>(act: Act, result: &crate::Result<T>) -> Option<Self> {
        match result {
            Ok(_) => Some(Self::new(act, Ended::Ok)),
            Err(crate::Error::Refused(_)) => Some(Self::new(act, Ended::Refused)),
            Err(_) => None,
        }
    }

    /// Who did it.
    pub fn by(self, user: UserId) -> Self {
        Self { by: Some(user), ..self }
    }

    /// To whom.
    pub fn user(self, user: UserId) -> Self {
        Self { user: Some(user), ..self }
    }

    /// Where.
    pub fn conversation(self, id: ConversationId) -> Self {
        Self { conversation: Some(id), ..self }
    }

    /// To which message.
    pub fn message(self, id: MessageId) -> Self {
        Self { message: Some(id), ..self }
    }

    /// Tells it, unless there was too much of it just now.
    pub fn tell(self) {
        let admitted = lock(&FLOODS).admit((self.act, self.ended), Instant::now());
        if let Some(missed) = admitted.missed {
            missed.tell();
        }
        if !admitted.now {
            return;
        }
        let from = FROM.try_with(|from| *from).ok().flatten().map(tracing::field::display);
        tracing::info!(
            target: "audit",
            result = self.ended.words(),
            by = self.by.map(|user| user.0),
            from,
            user = self.user.map(|user| user.0),
            conversation = self.conversation.map(|id| id.0),
            message_id = self.message.map(|id| id.0),
            "{}",
            self.act.words()
        );
    }
}

/// Tells how often what was left out happened, where its minute is over (`all`: everywhere). To be called now and then.
pub fn sum_up(all: bool) {
    let missed = lock(&FLOODS).over(Instant::now(), all);
    missed.into_iter().for_each(Missed::tell);
}

/// What was left out.
#[derive(Debug, PartialEq, Eq)]
struct Missed {
    of: (Act, Ended),
    count: u64,
}

impl Missed {
    fn tell(self) {
        let (act, ended) = self.of;
        tracing::info!(target: "audit", result = ended.words(), more = self.count, "{}", act.words());
    }
}

const MINUTE: Duration = Duration::from_secs(60);

static FLOODS: LazyLock<Mutex<Floods>> = LazyLock::new(Mutex::default);

/// How much there was of each kind. There are few kinds, so this does not grow.
#[derive(Default)]
struct Floods(HashMap<(Act, Ended), Window>);

struct Window {
    began: Instant,
    told: u32,
    left_out: u64,
}

struct Admitted {
    now: bool,
    missed: Option<Missed>,
}

impl Floods {
    fn admit(&mut self, of: (Act, Ended), now: Instant) -> Admitted {
        let window = self.0.entry(of).or_insert(Window { began: now, told: 0, left_out: 0 });
        let mut missed = None;
        if now.duration_since(window.began) >= MINUTE {
            missed = Some(Missed { of, count: window.left_out }).filter(|missed| missed.count > 0);
            *window = Window { began: now, told: 0, left_out: 0 };
        }
        let admits = window.told < of.1.lines();
        if admits {
            window.told += 1;
        } else {
            window.left_out += 1;
        }
        Admitted { now: admits, missed }
    }

    fn over(&mut self, now: Instant, all: bool) -> Vec<Missed> {
        let mut over = Vec::new();
        self.0.retain(|of, window| {
            let ends = all || now.duration_since(window.began) >= MINUTE;
            if ends && window.left_out > 0 {
                over.push(Missed { of: *of, count: window.left_out });
            }
            !ends
        });
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r5_a_flood_of_refusals_is_counted_and_an_honest_line_is_told() {
        let (mut floods, start) = (Floods::default(), Instant::now());
        let (refused, ok) = ((Act::SignIn, Ended::Refused), (Act::SignIn, Ended::Ok));
        let told = (0..1_000).filter(|_| floods.admit(refused, start).now).count();
        assert_eq!(told, 10);
        assert!(floods.admit(ok, start).now, "others are told all the same");
        assert_eq!(floods.over(start + Duration::from_secs(59), false), []);
        let later = floods.admit(refused, start + MINUTE);
        assert_eq!(later.missed, Some(Missed { of: refused, count: 990 }));
        assert!(later.now);
        for _ in 0..12 {
            floods.admit(refused, start + MINUTE);
        }
        let rest = [Missed { of: refused, count: 3 }];
        assert_eq!(floods.over(start + MINUTE, true), rest, "nothing is lost at the end");
        assert_eq!(floods.over(start + MINUTE * 5, true), []);
        assert!(floods.0.is_empty());
    }

    #[tokio::test]
    async fn r5_the_address_goes_with_the_work_and_no_further() {
        let here = || FROM.try_with(|from| *from).ok().flatten();
        let address: IpAddr = [192, 0, 2, 1].into();
        assert_eq!(asked_from(Some(address), async { here() }).await, Some(address));
        assert_eq!(here(), None);
    }
}
