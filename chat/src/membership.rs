//! The rules of a member's own state of a conversation. Pure functions, called inside the transaction that makes the change.

use protocol::limits::MAX_CONTENT;
use protocol::{ErrorBody, ErrorCode, MembershipChange, PersonalState, Timestamp};

/// The state after a change. A place among the pinned conversations is the wished one; the store numbers them.
///
/// # Errors
///
/// `Invalid`: a muting that ends in the past, the place 0, or both archived and pinned. `MessageTooLong` and `InvalidContent`
/// for a draft that could not be sent.
pub(crate) fn changed(
    before: &PersonalState,
    change: &MembershipChange,
    now: Timestamp,
) -> Result<PersonalState, ErrorBody> {
    let mut after = before.clone();
    if let Some(until) = change.muted_until {
        if until.is_some_and(|until| until <= now) {
            return Err(invalid("`muted_until` has to be in the future"));
        }
        after.muted_until = until;
    }
    if let Some(archived) = change.archived {
        after.archived = archived;
        if archived {
            after.pinned = None;
        }
    }
    if let Some(pinned) = change.pinned {
        match pinned {
            Some(0) => return Err(invalid("The places of pinned conversations begin with 1")),
            Some(_) if change.archived == Some(true) => {
                return Err(invalid("A conversation is either archived or pinned"));
            }
            Some(_) => after.archived = false,
            None => {}
        }
        after.pinned = pinned;
    }
    if let Some(unread) = change.unread {
        after.marked_unread = unread;
    }
    if let Some(draft) = &change.draft {
        after.draft = draft.as_deref().map(draft_of).transpose()?.flatten();
    }
    after.notify = change.notify.unwrap_or(after.notify);
    Ok(after)
}

/// Whether a message with this content, which is normalised, is the draft.
pub(crate) fn is_draft_of(draft: &str, content: &str) -> bool {
    protocol::normalise(draft).is_ok_and(|draft| draft == content)
}

/// The draft to store; none for a text without anything visible.
fn draft_of(text: &str) -> Result<Option<String>, ErrorBody> {
    if text.chars().count() > MAX_CONTENT {
        return Err(ErrorCode::MessageTooLong.into());
    }
    if text.contains('\0') {
        return Err(ErrorCode::InvalidContent.into());
    }
    Ok((!text.trim().is_empty()).then(|| text.to_owned()))
}

fn invalid(why: &str) -> ErrorBody {
    ErrorBody::because(ErrorCode::Invalid, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn of(change: &MembershipChange) -> Result<PersonalState, ErrorCode> {
        let before =
            PersonalState { pinned: Some(2), draft: Some("so far".into()), ..PersonalState::default() };
        changed(&before, change, NOW).map_err(|refused| refused.code)
    }

    #[test]
    fn c5_absent_fields_stay_and_null_removes() {
        let kept = of(&MembershipChange::default()).expect("nothing to refuse");
        assert_eq!((kept.pinned, kept.draft.as_deref()), (Some(2), Some("so far")));
        let removed =
            MembershipChange { pinned: Some(None), draft: Some(None), ..MembershipChange::default() };
        assert_eq!(of(&removed), Ok(PersonalState::default()));
        let blank = MembershipChange { draft: Some(Some(" \n".into())), ..MembershipChange::default() };
        assert_eq!(of(&blank).map(|state| state.draft), Ok(None));
    }

    #[test]
    fn c5_the_archive_has_no_pins() {
        let archived = MembershipChange { archived: Some(true), ..MembershipChange::default() };
        assert_eq!(of(&archived).map(|state| (state.archived, state.pinned)), Ok((true, None)));
        let state = PersonalState { archived: true, ..PersonalState::default() };
        let pinned = MembershipChange { pinned: Some(Some(1)), ..MembershipChange::default() };
        let after = changed(&state, &pinned, NOW).expect("nothing to refuse");
        assert_eq!((after.archived, after.pinned), (false, Some(1)));
    }

    #[test]
    fn c5_values_that_break_a_rule_are_refused() {
        let refused = |change: MembershipChange| of(&change).expect_err("refused");
        let none = MembershipChange::default;
        assert_eq!(refused(MembershipChange { muted_until: Some(Some(NOW)), ..none() }), ErrorCode::Invalid);
        assert_eq!(refused(MembershipChange { pinned: Some(Some(0)), ..none() }), ErrorCode::Invalid);
        let both = MembershipChange { archived: Some(true), pinned: Some(Some(1)), ..none() };
        assert_eq!(refused(both), ErrorCode::Invalid);
        let long = "é".repeat(MAX_CONTENT + 1);
        let long = MembershipChange { draft: Some(Some(long)), ..none() };
        assert_eq!(refused(long), ErrorCode::MessageTooLong);
        let nul = MembershipChange { draft: Some(Some("a\0".into())), ..none() };
        assert_eq!(refused(nul), ErrorCode::InvalidContent);
        let longest = MembershipChange { draft: Some(Some("é".repeat(MAX_CONTENT))), ..none() };
        assert!(of(&longest).is_ok());
    }
}
