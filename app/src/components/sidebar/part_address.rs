//! Addresses of the page that shows a part of the conversations in the list.

use crate::routing::Location;
use leptos::prelude::*;
use protocol::{ListFilter, ListPart};

/// Ends the filter in the address, with which the page was loaded: the reader chose another one.
pub(super) fn leave_address(location: Location) {
    if ["filter", "subject_kind"].into_iter().any(|name| location.query_param(name).is_some()) {
        location.replace(&location.pathname.get_untracked());
    }
}

/// The query of the page that shows a part of the conversations, without its question mark.
pub(super) fn query(part: &ListPart) -> String {
    let filter = format!("filter={}", part.filter.map_or("all", ListFilter::name));
    match &part.subject_kind {
        // A kind has no letter that an address would escape.
        Some(kind) => format!("{filter}&subject_kind={kind}"),
        None => filter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c4_a_part_has_one_address() {
        let of =
            |filter, kind: Option<&str>| query(&ListPart { filter, subject_kind: kind.map(str::to_owned) });
        assert_eq!(of(None, None), "filter=all");
        assert_eq!(of(Some(ListFilter::Open), None), "filter=open");
        assert_eq!(of(None, Some("job")), "filter=all&subject_kind=job");
        assert_eq!(of(Some(ListFilter::Unread), Some("job")), "filter=unread&subject_kind=job");
    }
}
