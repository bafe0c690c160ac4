//! The list of the conversations that a person moderates.

use super::{Page, state, zone};
use crate::datetime::Zone;
use crate::i18n::t;
use chat::ModerationPage;
use chat::store::ModeratedEntry;
use leptos::prelude::*;
use protocol::Timestamp;

/// Data of the list.
pub struct ModerationList {
    /// The word and the name of each kind that the person moderates.
    pub kinds: Vec<(String, String)>,
    /// The word of the kind that is shown; `None`: all.
    pub kind: Option<String>,
    /// Closed conversations (`true`), or open ones; `None`: both.
    pub closed: Option<bool>,
    /// The product's id of the subject that was searched for; empty: all.
    pub subject: String,
    /// Whether this is the first page.
    pub is_first: bool,
    /// The conversations.
    pub page: ModerationPage,
    /// Clock of the server.
    pub now: Timestamp,
}

impl ModerationList {
    /// The address of a page with the same filter.
    fn href(&self, cursor: Option<&str>) -> String {
        let state = self.closed.map(|closed| if closed { "closed" } else { "open" });
        let subject = Some(self.subject.as_str()).filter(|subject| !subject.is_empty());
        let given =
            [("kind", self.kind.as_deref()), ("state", state), ("subject", subject), ("cursor", cursor)];
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in given {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        match query.finish() {
            query if query.is_empty() => "/moderation".to_owned(),
            query => format!("/moderation?{query}"),
        }
    }

    fn is_filtered(&self) -> bool {
        self.kind.is_some() || self.closed.is_some() || !self.subject.is_empty()
    }
}

pub(super) fn list(list: ModerationList) -> AnyView {
    let (zone, now) = (zone(), list.now);
    let next = list.page.next.map(|next| list.href(Some(&next.to_string())));
    let next =
        next.map(|href| view! { <a class="button plain" href=href rel="next">{t!("moderation.older")}</a> });
    let first = (!list.is_first).then(|| {
        view! { <a class="button plain" href=list.href(None)>{t!("moderation.first")}</a> }
    });
    let form = filter(&list);
    let rows = list.page.conversations.iter().map(|entry| row(entry, zone, now)).collect_view();
    let contents = match (list.page.conversations.is_empty(), list.is_filtered()) {
        (true, true) => view! { <p class="moderation-empty">{t!("moderation.nothing_found")}</p> }.into_any(),
        (true, false) => view! { <p class="moderation-empty">{t!("moderation.nothing_yet")}</p> }.into_any(),
        (false, _) => view! { <ul class="moderation-list">{rows}</ul> }.into_any(),
    };
    view! {
        <Page heading=t!("moderation.title") back=("/", t!("layout.back"))>
            <main class="moderation-sheet">
                <p class="quiet">{t!("moderation.logged")}</p>
                {form}
                {contents}
                <p class="moderation-pages">{first} {next}</p>
            </main>
        </Page>
    }
    .into_any()
}

fn filter(list: &ModerationList) -> AnyView {
    let option = |value: &str, words: String, chosen: bool| {
        view! { <option value=value.to_owned() selected=chosen>{words}</option> }
    };
    let kinds = (list.kinds.len() > 1).then(|| {
        let each = list
            .kinds
            .iter()
            .map(|(kind, name)| option(kind, name.clone(), list.kind.as_ref() == Some(kind)));
        view! {
            <label class="field">
                <span>{t!("moderation.kind")}</span>
                <select name="kind">
                    {option("", t!("moderation.all"), list.kind.is_none())} {each.collect_view()}
                </select>
            </label>
        }
    });
    view! {
        <form class="moderation-filter" method="get" action="/moderation" role="search">
            {kinds}
            <label class="field">
                <span>{t!("moderation.state")}</span>
                <select name="state">
                    {option("", t!("moderation.all"), list.closed.is_none())}
                    {option("open", t!("subject.open"), list.closed == Some(false))}
                    {option("closed", t!("subject.closed"), list.closed == Some(true))}
                </select>
            </label>
            <label class="field grow">
                <span>{t!("moderation.subject")}</span>
                <input
                    name="subject"
                    r#type="search"
                    dir="auto"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    maxlength="200"
                    value=list.subject.clone()
                />
            </label>
            <button class="button">{t!("moderation.show")}</button>
        </form>
    }
    .into_any()
}

fn row(entry: &ModeratedEntry, zone: Zone, now: Timestamp) -> AnyView {
    let subject = &entry.subject;
    let participants: Vec<_> = entry
        .participants
        .iter()
        .map(|(person, role)| {
            let name = person.display_name();
            view! {
                <span class="moderation-who">
                    <bdi>{name}</bdi>
                    " ("
                    <bdi>{role.clone()}</bdi>
                    ")"
                </span>
            }
        })
        .collect();
    view! {
        <li>
            <a class="moderation-row" href=format!("/moderation/{}", entry.id)>
                <span class="moderation-title" dir="auto">
                    {subject.title.clone()}
                </span>
                <time class="quiet" datetime=entry.active_at.to_string() title=zone.full(entry.active_at)>
                    {zone.brief(entry.active_at, now)}
                </time>
                <span class="quiet moderation-subject">
                    <bdi>{subject.kind_name.clone()}</bdi>
                    " "
                    <bdi>{subject.id.clone()}</bdi>
                </span>
                {state(subject.closed.is_some())}
                <span class="quiet moderation-people">{participants}</span>
            </a>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c4_the_pages_of_a_filter_keep_it() {
        let list = ModerationList {
            kinds: Vec::new(),
            kind: Some("listing".into()),
            closed: Some(true),
            subject: "a&b".into(),
            is_first: true,
            page: ModerationPage { conversations: Vec::new(), next: None },
            now: Timestamp(0),
        };
        assert_eq!(list.href(Some("7.8")), "/moderation?kind=listing&state=closed&subject=a%26b&cursor=7.8");
        let all = ModerationList { kind: None, closed: None, subject: String::new(), ..list };
        assert_eq!(all.href(None), "/moderation");
    }
}
