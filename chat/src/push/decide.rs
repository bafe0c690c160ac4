//! Decision what is pushed.

use crate::store::{PushCandidate, PushKind};
use crate::zone;
use protocol::notify::{Decision, Event, Situation, WantedEvents};
use protocol::{ConversationId, NotificationKind, Preferences, Timestamp, is_quiet, notify};
use std::collections::BTreeMap;

/// Selects what is pushed: one of each conversation, in the order of the conversations.
pub(super) fn decide<'a>(
    candidates: &'a [PushCandidate],
    preferences: &Preferences,
    now: Timestamp,
) -> impl Iterator<Item = &'a PushCandidate> + use<'a> {
    let is_quiet = is_quiet(preferences, minute_of_day(preferences, now));
    let mut selected: BTreeMap<ConversationId, &PushCandidate> = BTreeMap::new();
    for candidate in candidates {
        if is_wanted(candidate, preferences, is_quiet, now) {
            let place = selected.entry(candidate.conversation).or_insert(candidate);
            if (candidate.kind, candidate.at) > (place.kind, place.at) {
                *place = candidate;
            }
        }
    }
    selected.into_values()
}

fn is_wanted(candidate: &PushCandidate, preferences: &Preferences, is_quiet: bool, now: Timestamp) -> bool {
    let is_muted = candidate.muted_until.is_some_and(|until| until > now);
    let event = match candidate.kind {
        PushKind::Direct => Event::Notification(NotificationKind::Direct),
        PushKind::Mention => Event::Notification(NotificationKind::Mention),
        PushKind::Added => Event::Notification(NotificationKind::Added),
        PushKind::Role => Event::Notification(NotificationKind::Role),
        PushKind::Group => Event::GroupMessage,
    };
    let wanted = WantedEvents::of(preferences, candidate.level);
    // Whoever has a conversation in view is online.
    let situation = Situation { event, is_muted, is_in_view: false, wanted, is_quiet };
    notify::decide(situation) == Decision::Announce
}

/// The minute of the day in the zone of the quiet hours; of UTC while no zone is known.
fn minute_of_day(preferences: &Preferences, now: Timestamp) -> u16 {
    let offset = preferences.zone().and_then(|zone| zone::offset_minutes(zone, now)).unwrap_or(0);
    let minute = (now.0.div_euclid(60_000_000) + i64::from(offset)).rem_euclid(24 * 60);
    u16::try_from(minute).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{NotificationLevel, Person, UserId};

    /// Noon of a day in winter, UTC.
    const NOON: Timestamp = Timestamp(1_767_268_800_000_000);

    fn candidate(kind: PushKind, conversation: i64) -> PushCandidate {
        let ana = Person {
            id: UserId(1),
            username: "ana".into(),
            first_name: String::new(),
            last_name: String::new(),
            hue: None,
            suspended: false,
            bot: false,
            name_key: None,
            picture: None,
        };
        PushCandidate {
            kind,
            conversation: ConversationId(conversation),
            title: None,
            count: 1,
            seq: 1,
            at: NOON,
            sender: ana,
            content: String::new(),
            muted_until: None,
            level: NotificationLevel::Default,
        }
    }

    fn kinds(candidates: &[PushCandidate], preferences: &Preferences) -> Vec<PushKind> {
        decide(candidates, preferences, NOON).map(|candidate| candidate.kind).collect()
    }

    #[test]
    fn n1_pushes_follow_the_preferences() {
        use PushKind::{Added, Direct, Group, Mention, Role};
        let all = [Group, Direct, Role, Added, Mention];
        let each: Vec<_> = all.iter().zip(1..).map(|(kind, id)| candidate(*kind, id)).collect();
        let preferences = Preferences::default();
        assert_eq!(kinds(&each, &preferences), [Direct, Role, Added, Mention]);
        let group = Preferences { notify_group: true, ..preferences.clone() };
        assert_eq!(kinds(&each, &group), all);
        let no_direct = Preferences { notify_direct: false, ..preferences.clone() };
        assert_eq!(kinds(&each, &no_direct), [Role, Added, Mention]);
        let no_mention = Preferences { notify_mention: false, ..preferences.clone() };
        assert_eq!(kinds(&each, &no_mention), [Direct, Role, Added]);
        let no_added = Preferences { notify_added: false, ..preferences };
        assert_eq!(kinds(&each, &no_added), [Direct, Mention]);
        // Of muted conversations mentions alone.
        let muted = |until: i64| {
            let muted_until = Some(Timestamp(NOON.0 + until));
            each.iter().cloned().map(|one| PushCandidate { muted_until, ..one }).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&muted(1), &group), [Mention]);
        assert_eq!(kinds(&muted(0), &group), all, "the muting has ended");
        // The choice for a conversation comes first.
        let at = |level| each.iter().cloned().map(|one| PushCandidate { level, ..one }).collect::<Vec<_>>();
        assert_eq!(kinds(&at(NotificationLevel::All), &no_direct), all);
        assert_eq!(kinds(&at(NotificationLevel::Mentions), &group), [Role, Added, Mention]);
        assert_eq!(kinds(&at(NotificationLevel::Nothing), &group), [Role, Added]);
    }

    #[test]
    fn n1_nothing_is_pushed_in_quiet_hours_of_the_persons_zone() {
        let direct = [candidate(PushKind::Direct, 1)];
        let quiet = |from, to, zone: &str| {
            let (quiet_from, quiet_to, time_zone) = (Some(from), Some(to), zone.to_owned());
            let preferences = Preferences { quiet_from, quiet_to, time_zone, ..Preferences::default() };
            kinds(&direct, &preferences).is_empty()
        };
        // Noon of UTC is 13:00 in Berlin and 17:30 in Kolkata.
        assert!(quiet(12 * 60, 12 * 60 + 1, "auto") && !quiet(12 * 60 + 1, 12 * 60, "auto"));
        assert!(quiet(13 * 60, 14 * 60, "Europe/Berlin") && !quiet(12 * 60, 13 * 60, "Europe/Berlin"));
        assert!(quiet(17 * 60 + 30, 17 * 60 + 31, "Asia/Kolkata"));
        assert!(quiet(17 * 60, 1, "Asia/Kolkata"), "past midnight");
        let device = Preferences {
            quiet_from: Some(13 * 60),
            quiet_to: Some(14 * 60),
            device_time_zone: Some("Europe/Berlin".into()),
            ..Preferences::default()
        };
        assert!(kinds(&direct, &device).is_empty());
    }

    #[test]
    fn n1_one_of_each_conversation_is_pushed_mentions_first() {
        use PushKind::{Direct, Group, Mention};
        let group = Preferences { notify_group: true, ..Preferences::default() };
        let several = [candidate(Mention, 5), candidate(Group, 5), candidate(Direct, 2)];
        assert_eq!(kinds(&several, &group), [Direct, Mention]);
        let older = PushCandidate { at: Timestamp(1), seq: 7, ..candidate(Mention, 5) };
        let both = [older, candidate(Mention, 5)];
        let chosen: Vec<_> = decide(&both, &group, NOON).map(|one| one.seq).collect();
        assert_eq!(chosen, [1], "the newest");
    }
}
