//! Permissions of moderators: people who look into conversations about subjects without being members.

use protocol::Timestamp;

/// Time for which a reason opens a conversation to the moderator who gave it, in microseconds: 24 hours.
const ACCESS_LIFETIME: i64 = 24 * 60 * 60 * 1_000_000;

/// The people who moderate a kind, as the configuration names them. Nobody by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ModeratorRule {
    /// The usernames of the people.
    pub(crate) usernames: Vec<String>,
    /// The roles in the product that moderate, as the tokens of single sign-on give them.
    pub(crate) roles: Vec<String>,
}

/// Whether a person moderates by this rule. `role`: the role that the person's last token of single sign-on gave. Usernames are
/// unique without regard to case; a role is a word of the product, and compared as it is.
pub(crate) fn may_moderate(rule: &ModeratorRule, username: &str, role: Option<&str>) -> bool {
    let folded = username.to_lowercase();
    rule.usernames.iter().any(|name| name.to_lowercase() == folded)
        || role.is_some_and(|role| rule.roles.iter().any(|known| known == role))
}

/// The time at which an access that was given at this time ends.
pub(crate) fn access_ends(given_at: Timestamp) -> Timestamp {
    Timestamp(given_at.0.saturating_add(ACCESS_LIFETIME))
}

/// Whether an access that was given at this time is still good.
pub(crate) fn is_access_good(given_at: Timestamp, now: Timestamp) -> bool {
    now < access_ends(given_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(usernames: &[&str], roles: &[&str]) -> ModeratorRule {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        ModeratorRule { usernames: owned(usernames), roles: owned(roles) }
    }

    #[test]
    fn c4_moderators_are_those_whom_the_configuration_names() {
        let both = rule(&["Anna"], &["support"]);
        for (username, role, may) in [
            ("anna", None, true),
            ("ANNA", Some("seller"), true),
            ("ben", None, false),
            ("ben", Some("support"), true),
            ("ben", Some("Support"), false),
            ("ben", Some(""), false),
            ("support", None, false),
        ] {
            assert_eq!(may_moderate(&both, username, role), may, "{username} {role:?}");
        }
        assert!(!may_moderate(&ModeratorRule::default(), "anna", Some("support")), "nobody by default");
        assert!(!may_moderate(&rule(&["anna"], &[]), "ben", Some("anna")), "a role is no username");
    }

    #[test]
    fn c4_a_reason_is_good_for_a_day() {
        let given = Timestamp(1);
        assert_eq!(access_ends(given), Timestamp(86_400_000_001));
        assert!(is_access_good(given, given) && is_access_good(given, Timestamp(86_400_000_000)));
        assert!(!is_access_good(given, Timestamp(86_400_000_001)));
    }
}
