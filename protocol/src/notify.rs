//! The decision whether something is announced to a person: by a toast, a browser notification, a sound or a push.

use crate::{NotificationKind, NotificationLevel, Preferences};

/// Something that can be announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A notification of this kind.
    Notification(NotificationKind),
    /// A message in a group that does not mention the person.
    GroupMessage,
}

/// The events that a person wants to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantedEvents {
    /// Messages in direct conversations.
    pub direct: bool,
    /// Messages that mention the person.
    pub mention: bool,
    /// All messages in groups.
    pub group: bool,
    /// Being added to a group, and new roles.
    pub membership: bool,
}

impl Default for WantedEvents {
    fn default() -> Self {
        Self { direct: true, mention: true, group: false, membership: true }
    }
}

impl WantedEvents {
    /// The events that a person wants to be told of in a conversation with this level.
    #[must_use]
    pub fn of(preferences: &Preferences, level: NotificationLevel) -> Self {
        let membership = preferences.notify_added;
        let messages = |direct, mention, group| Self { direct, mention, group, membership };
        match level {
            NotificationLevel::Default => {
                messages(preferences.notify_direct, preferences.notify_mention, preferences.notify_group)
            }
            NotificationLevel::All => messages(true, true, true),
            NotificationLevel::Mentions => messages(false, true, false),
            NotificationLevel::Nothing => messages(false, false, false),
        }
    }
}

/// What [`decide`] depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// The event.
    pub event: Event,
    /// Whether the conversation is muted for the person.
    pub is_muted: bool,
    /// Whether the conversation is on screen in a visible window of the device.
    pub is_in_view: bool,
    /// The events that the person wants to be told of.
    pub wanted: WantedEvents,
    /// Whether it is within the person's quiet hours.
    pub is_quiet: bool,
}

/// How something is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Not at all.
    Nothing,
    /// In the page alone, without a sound: within quiet hours.
    Silently,
    /// By everything that the device allows.
    Announce,
}

/// Decides how an event is announced. A muted conversation announces mentions alone.
#[must_use]
pub fn decide(situation: Situation) -> Decision {
    let Situation { event, is_muted, is_in_view, wanted, is_quiet } = situation;
    let (is_wanted, passes_mute) = match event {
        Event::Notification(NotificationKind::Direct) => (wanted.direct, false),
        Event::Notification(NotificationKind::Mention) => (wanted.mention, true),
        Event::Notification(NotificationKind::Added | NotificationKind::Role) => (wanted.membership, false),
        Event::GroupMessage => (wanted.group, false),
    };
    match (is_wanted && (passes_mute || !is_muted) && !is_in_view, is_quiet) {
        (false, _) => Decision::Nothing,
        (true, true) => Decision::Silently,
        (true, false) => Decision::Announce,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decision::{Announce, Nothing, Silently};

    const ALL: WantedEvents = WantedEvents { direct: true, mention: true, group: true, membership: true };
    const DIRECT: Event = Event::Notification(NotificationKind::Direct);
    const MENTION: Event = Event::Notification(NotificationKind::Mention);
    const ADDED: Event = Event::Notification(NotificationKind::Added);
    const ROLE: Event = Event::Notification(NotificationKind::Role);
    const GROUP: Event = Event::GroupMessage;

    #[test]
    fn n1_the_table_of_decisions() {
        // Event, muted, in view, wanted, quiet hours.
        for (event, is_muted, is_in_view, wanted, is_quiet, decision) in [
            (DIRECT, false, false, ALL, false, Announce),
            (MENTION, false, false, ALL, false, Announce),
            (GROUP, false, false, ALL, false, Announce),
            (ADDED, false, false, ALL, false, Announce),
            (ROLE, false, false, ALL, false, Announce),
            (DIRECT, true, false, ALL, false, Nothing),
            (MENTION, true, false, ALL, false, Announce),
            (GROUP, true, false, ALL, false, Nothing),
            (ADDED, true, false, ALL, false, Nothing),
            (ROLE, true, false, ALL, false, Nothing),
            (DIRECT, false, true, ALL, false, Nothing),
            (MENTION, false, true, ALL, false, Nothing),
            (GROUP, false, true, ALL, false, Nothing),
            (MENTION, true, true, ALL, false, Nothing),
            (DIRECT, false, false, ALL, true, Silently),
            (GROUP, false, false, ALL, true, Silently),
            (MENTION, true, false, ALL, true, Silently),
            (DIRECT, false, true, ALL, true, Nothing),
            (DIRECT, true, false, ALL, true, Nothing),
            (DIRECT, false, false, WantedEvents { direct: false, ..ALL }, false, Nothing),
            (MENTION, false, false, WantedEvents { direct: false, ..ALL }, false, Announce),
            (MENTION, false, false, WantedEvents { mention: false, ..ALL }, false, Nothing),
            (MENTION, true, false, WantedEvents { mention: false, ..ALL }, true, Nothing),
            (GROUP, false, false, WantedEvents { group: false, ..ALL }, false, Nothing),
            (MENTION, false, false, WantedEvents { group: false, ..ALL }, false, Announce),
            (ADDED, false, false, WantedEvents { membership: false, ..ALL }, false, Nothing),
            (ROLE, false, false, WantedEvents { membership: false, ..ALL }, false, Nothing),
            (DIRECT, false, false, WantedEvents { membership: false, ..ALL }, false, Announce),
        ] {
            let situation = Situation { event, is_muted, is_in_view, wanted, is_quiet };
            assert_eq!(decide(situation), decision, "{situation:?}");
        }
    }

    #[test]
    fn n2_a_conversation_may_have_a_level_of_its_own() {
        let preferences = Preferences { notify_direct: false, notify_added: false, ..Preferences::default() };
        let wanted = |level| WantedEvents::of(&preferences, level);
        let messages = |direct, mention, group| WantedEvents { direct, mention, group, membership: false };
        assert_eq!(wanted(NotificationLevel::Default), messages(false, true, false));
        assert_eq!(wanted(NotificationLevel::All), messages(true, true, true));
        assert_eq!(wanted(NotificationLevel::Mentions), messages(false, true, false));
        assert_eq!(wanted(NotificationLevel::Nothing), messages(false, false, false));
        let default = WantedEvents::of(&Preferences::default(), NotificationLevel::Default);
        assert_eq!(default, WantedEvents::default());
    }

    #[test]
    fn n1_by_default_all_but_the_messages_of_groups_are_wanted() {
        let decision = |event| {
            let (is_muted, is_in_view, is_quiet) = (false, false, false);
            decide(Situation { event, is_muted, is_in_view, wanted: WantedEvents::default(), is_quiet })
        };
        assert_eq!(
            [DIRECT, MENTION, GROUP, ADDED, ROLE].map(decision),
            [Announce, Announce, Nothing, Announce, Announce]
        );
    }
}
