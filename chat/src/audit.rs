//! Audit log: security-relevant actions, as log lines with the target `audit`. Never the content of messages, nor secrets.
//!
//! An attacker can cause any number of events, so the lines of each kind are limited per minute; further ones are counted and
//! summarised in one line.

use crate::lock::lock;
use protocol::{ConversationId, MessageId, UserId};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

/// The action of an audit event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditAction {
    /// A sign-in by name and password.
    SignIn,
    /// A sign-in by a token of a product.
    SingleSignOn,
    /// The registration of an account.
    Register,
    /// A person ended one of their sign-ins.
    SignOut,
    /// A person ended all of their sign-ins.
    SignOutEverywhere,
    /// A person ended all of their other sign-ins.
    SignOutElsewhere,
    /// A change of the password.
    ChangePassword,
    /// An administrator set the password of an account.
    ResetPassword,
    /// The suspension of an account.
    Suspend,
    /// The end of a suspension.
    LiftSuspension,
    /// The rate limits of sign-ins as an account were lifted.
    Unlock,
    /// A token was issued by the command line.
    IssueToken,
    /// A service key of the scope `admin` changed an account, a group or a key.
    Administer,
    /// A service key was made.
    AddServiceKey,
    /// A service key was revoked.
    RevokeServiceKey,
    /// A product opened a conversation about a subject.
    OpenSubject,
    /// A product or a participant closed a conversation about a subject.
    CloseSubject,
    /// A product or a participant reopened a conversation about a subject.
    ReopenSubject,
    /// A moderator opened the list of conversations about subjects.
    ListForModeration,
    /// A moderator gave a reason to look into a conversation.
    GiveModerationReason,
    /// A moderator opened a conversation.
    OpenForModeration,
    /// A moderator read a page of the history of a conversation.
    ReadForModeration,
    /// A moderator closed a conversation.
    CloseForModeration,
    /// A moderator reopened a conversation.
    ReopenForModeration,
    /// A request with an unknown or revoked service key, or one without the scope.
    UseServiceKey,
    /// A request with a forged, expired or revoked token.
    ShowToken,
    /// A refresh token was used twice: it may be stolen.
    ReuseRefreshToken,
    /// A member was removed from a conversation, or left it.
    RemoveMember,
    /// People were added to a group.
    AddMembers,
    /// The role of a member was set.
    SetRole,
    /// A link by which people join a group was made.
    CreateLink,
    /// Such a link was revoked.
    RevokeLink,
    /// A person joined a group by a link or an invitation.
    JoinGroup,
    /// A message was deleted for everyone.
    DeleteForEveryone,
    /// An endpoint of webhooks was added.
    AddWebhook,
    /// An endpoint of webhooks was removed.
    RemoveWebhook,
    /// A delivery of a webhook was sent again.
    ResendWebhook,
    /// An incoming webhook of a group was created.
    CreateIncomingWebhook,
    /// An incoming webhook of a group was revoked.
    RevokeIncomingWebhook,
    /// A socket or form request from another site.
    CrossSite,
    /// A request for a foreign host name.
    ForeignHost,
    /// Messages beyond the rate limit.
    Send,
    /// Other operations beyond the rate limit.
    Operate,
    /// A socket that was refused or misused.
    UseSocket,
}

impl AuditAction {
    fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign in",
            Self::SingleSignOn => "single sign-on",
            Self::Register => "register",
            Self::SignOut => "sign out",
            Self::SignOutEverywhere => "sign out everywhere",
            Self::SignOutElsewhere => "sign out elsewhere",
            Self::ChangePassword => "change password",
            Self::ResetPassword => "reset password",
            Self::Suspend => "suspend",
            Self::LiftSuspension => "lift suspension",
            Self::Unlock => "unlock",
            Self::IssueToken => "issue token",
            Self::Administer => "administer",
            Self::AddServiceKey => "add service key",
            Self::RevokeServiceKey => "revoke service key",
            Self::OpenSubject => "open subject",
            Self::CloseSubject => "close subject",
            Self::ReopenSubject => "reopen subject",
            Self::ListForModeration => "list for moderation",
            Self::GiveModerationReason => "reason for moderation",
            Self::OpenForModeration => "open for moderation",
            Self::ReadForModeration => "read for moderation",
            Self::CloseForModeration => "close for moderation",
            Self::ReopenForModeration => "reopen for moderation",
            Self::UseServiceKey => "use service key",
            Self::ShowToken => "show token",
            Self::ReuseRefreshToken => "reuse refresh token",
            Self::RemoveMember => "remove member",
            Self::AddMembers => "add members",
            Self::SetRole => "set role",
            Self::CreateLink => "create invitation link",
            Self::RevokeLink => "revoke invitation link",
            Self::JoinGroup => "join group",
            Self::DeleteForEveryone => "delete for everyone",
            Self::AddWebhook => "add webhook",
            Self::RemoveWebhook => "remove webhook",
            Self::ResendWebhook => "resend webhook",
            Self::CreateIncomingWebhook => "create incoming webhook",
            Self::RevokeIncomingWebhook => "revoke incoming webhook",
            Self::CrossSite => "cross-site request",
            Self::ForeignHost => "foreign host",
            Self::Send => "send",
            Self::Operate => "operate",
            Self::UseSocket => "use socket",
        }
    }

    /// Whether each event is emitted: of people with access to others' conversations, whose number of requests is limited.
    fn is_unlimited(self) -> bool {
        matches!(
            self,
            Self::ListForModeration
                | Self::GiveModerationReason
                | Self::OpenForModeration
                | Self::ReadForModeration
                | Self::CloseForModeration
                | Self::ReopenForModeration
        )
    }
}

/// The outcome of the action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditOutcome {
    /// The action was done.
    Ok,
    /// The action was refused.
    Refused,
    /// A rate limit was exceeded.
    Throttled,
}

impl AuditOutcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Throttled => "throttled",
        }
    }

    /// Maximum number of lines of a kind per minute. Lower for refusals, which cost an attacker nothing.
    fn max_lines(self) -> u32 {
        match self {
            Self::Ok => 120,
            Self::Refused | Self::Throttled => 10,
        }
    }
}

tokio::task_local! {
    static CLIENT_ADDRESS: Option<IpAddr>;
}

/// Runs a future on behalf of the client at this address, if it is known.
pub fn with_client_address<T>(
    address: Option<IpAddr>,
    work: impl Future<Output = T>,
) -> impl Future<Output = T> {
    CLIENT_ADDRESS.scope(address, work)
}

/// The address of the client of the current task; empty if it is not known.
#[must_use]
pub fn client_address() -> String {
    CLIENT_ADDRESS
        .try_with(|from| *from)
        .ok()
        .flatten()
        .map(|address| address.to_string())
        .unwrap_or_default()
}

/// An audit event.
#[derive(Clone, Debug)]
#[must_use = "it is not emitted yet"]
pub struct AuditEvent {
    action: AuditAction,
    outcome: AuditOutcome,
    by: Option<UserId>,
    user: Option<UserId>,
    conversation: Option<ConversationId>,
    message: Option<MessageId>,
    key: Option<i64>,
    kind: Option<String>,
    subject: Option<String>,
    reason: Option<String>,
}

impl AuditEvent {
    /// An event of this action and outcome.
    pub fn new(action: AuditAction, outcome: AuditOutcome) -> Self {
        Self {
            action,
            outcome,
            by: None,
            user: None,
            conversation: None,
            message: None,
            key: None,
            kind: None,
            subject: None,
            reason: None,
        }
    }

    /// An event with the outcome of this result; `None` if it failed for an internal reason.
    pub(crate) fn of<T>(action: AuditAction, result: &crate::Result<T>) -> Option<Self> {
        match result {
            Ok(_) => Some(Self::new(action, AuditOutcome::Ok)),
            Err(crate::Error::Refused(_)) => Some(Self::new(action, AuditOutcome::Refused)),
            Err(_) => None,
        }
    }

    /// Sets the acting person.
    pub fn by(self, user: UserId) -> Self {
        Self { by: Some(user), ..self }
    }

    /// Sets the affected person.
    pub fn user(self, user: UserId) -> Self {
        Self { user: Some(user), ..self }
    }

    /// Sets the conversation.
    pub fn conversation(self, id: ConversationId) -> Self {
        Self { conversation: Some(id), ..self }
    }

    /// Sets the message.
    pub fn message(self, id: MessageId) -> Self {
        Self { message: Some(id), ..self }
    }

    /// Sets the service key, by its number.
    pub fn key(self, id: i64) -> Self {
        Self { key: Some(id), ..self }
    }

    /// Sets the kind of the subject.
    pub(crate) fn kind(self, kind: &str) -> Self {
        Self { kind: Some(kind.to_owned()), ..self }
    }

    /// Sets the product's id of the subject.
    pub(crate) fn subject(self, id: &str) -> Self {
        Self { subject: Some(id.to_owned()), ..self }
    }

    /// Sets the reason that a moderator gave.
    pub(crate) fn reason(self, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..self }
    }

    /// Writes the event to the log, unless the limit of its kind is exceeded.
    pub fn emit(self) {
        if self.action.is_unlimited() {
            return self.write();
        }
        let admitted = lock(&LIMITS).admit((self.action, self.outcome), Instant::now());
        if let Some(suppressed) = admitted.suppressed {
            suppressed.emit();
        }
        if admitted.emit {
            self.write();
        }
    }

    fn write(self) {
        let from = CLIENT_ADDRESS.try_with(|from| *from).ok().flatten().map(tracing::field::display);
        tracing::info!(
            target: "audit",
            result = self.outcome.as_str(),
            by = self.by.map(|user| user.0),
            from,
            user = self.user.map(|user| user.0),
            conversation = self.conversation.map(|id| id.0),
            message_id = self.message.map(|id| id.0),
            key = self.key,
            kind = self.kind,
            subject = self.subject,
            reason = self.reason,
            "{}",
            self.action.as_str()
        );
    }
}

/// Writes the summaries of suppressed events whose minute is over (`all`: of all). To be called periodically.
pub fn emit_suppressed(all: bool) {
    let suppressed = lock(&LIMITS).expire(Instant::now(), all);
    suppressed.into_iter().for_each(Suppressed::emit);
}

/// The number of suppressed events of a kind.
#[derive(Debug, PartialEq, Eq)]
struct Suppressed {
    kind: (AuditAction, AuditOutcome),
    count: u64,
}

impl Suppressed {
    fn emit(self) {
        let (action, outcome) = self.kind;
        tracing::info!(target: "audit", result = outcome.as_str(), more = self.count, "{}", action.as_str());
    }
}

const MINUTE: Duration = Duration::from_secs(60);

static LIMITS: LazyLock<Mutex<Limits>> = LazyLock::new(Mutex::default);

/// Rate limit of each kind of event. The number of kinds is small and fixed.
#[derive(Default)]
struct Limits(HashMap<(AuditAction, AuditOutcome), Window>);

struct Window {
    started: Instant,
    emitted: u32,
    suppressed: u64,
}

struct Admitted {
    emit: bool,
    suppressed: Option<Suppressed>,
}

impl Limits {
    fn admit(&mut self, kind: (AuditAction, AuditOutcome), now: Instant) -> Admitted {
        let window = self.0.entry(kind).or_insert(Window { started: now, emitted: 0, suppressed: 0 });
        let mut suppressed = None;
        if now.duration_since(window.started) >= MINUTE {
            suppressed =
                Some(Suppressed { kind, count: window.suppressed }).filter(|summary| summary.count > 0);
            *window = Window { started: now, emitted: 0, suppressed: 0 };
        }
        let emit = window.emitted < kind.1.max_lines();
        if emit {
            window.emitted += 1;
        } else {
            window.suppressed += 1;
        }
        Admitted { emit, suppressed }
    }

    fn expire(&mut self, now: Instant, all: bool) -> Vec<Suppressed> {
        let mut summaries = Vec::new();
        self.0.retain(|kind, window| {
            let ends = all || now.duration_since(window.started) >= MINUTE;
            if ends && window.suppressed > 0 {
                summaries.push(Suppressed { kind: *kind, count: window.suppressed });
            }
            !ends
        });
        summaries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r5_a_flood_of_refusals_is_counted_and_other_events_are_emitted() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        let (refused, ok) =
            ((AuditAction::SignIn, AuditOutcome::Refused), (AuditAction::SignIn, AuditOutcome::Ok));
        let emitted = (0..1_000).filter(|_| limits.admit(refused, start).emit).count();
        assert_eq!(emitted, 10);
        assert!(limits.admit(ok, start).emit, "other kinds are not limited");
        assert_eq!(limits.expire(start + Duration::from_secs(59), false), []);
        let later = limits.admit(refused, start + MINUTE);
        assert_eq!(later.suppressed, Some(Suppressed { kind: refused, count: 990 }));
        assert!(later.emit);
        for _ in 0..12 {
            limits.admit(refused, start + MINUTE);
        }
        let rest = [Suppressed { kind: refused, count: 3 }];
        assert_eq!(limits.expire(start + MINUTE, true), rest, "nothing is lost at the end");
        assert_eq!(limits.expire(start + MINUTE * 5, true), []);
        assert!(limits.0.is_empty());
    }

    #[tokio::test]
    async fn r5_the_address_belongs_to_the_task() {
        let here = || CLIENT_ADDRESS.try_with(|from| *from).ok().flatten();
        let address: IpAddr = [192, 0, 2, 1].into();
        assert_eq!(with_client_address(Some(address), async { here() }).await, Some(address));
        assert_eq!(here(), None);
    }
}
