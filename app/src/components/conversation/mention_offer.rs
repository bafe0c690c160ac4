//! Members that the composer of a group offers after an `@`: a listbox over it, which the text field controls. The focus
//! stays in the field.

use super::members::{Members, is_group};
use crate::client::{Client, search_words};
use crate::components::avatar::Face;
use crate::components::keys::is_composing;
use crate::components::view_fn::{handler, view_fn};
use crate::effect::effect;
use crate::i18n::t;
use leptos::html;
use leptos::prelude::*;
use protocol::{ConversationId, Member, MessageType, Person, UserId, typed_mention};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlDocument, HtmlElement, HtmlTextAreaElement, KeyboardEvent, MouseEvent};

const ID: &str = "mention-offer";
/// Most members that are offered at once.
const MOST: usize = 6;

/// The mention that is being typed, and the range of the text that a choice replaces, in UTF-16 units: from the `@` to the
/// caret, with a space that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TypedWord {
    from: u32,
    to: u32,
    word: String,
}

/// The mention that is being typed at a caret, which is in UTF-16 units as the browser has it.
fn typed_word(text: &str, caret: u32) -> Option<TypedWord> {
    let mut units = 0;
    let at_caret = |(_, c): &(usize, char)| {
        let is_there = units >= caret as usize;
        units += c.len_utf16();
        is_there
    };
    let place = text.char_indices().find(at_caret).map_or(text.len(), |(place, _)| place);
    let (at, word) = typed_mention(text, place)?;
    let from = u32::try_from(text.get(..at)?.encode_utf16().count()).ok()?;
    let has_space = text.get(place..).is_some_and(|behind| behind.starts_with(' '));
    Some(TypedWord { from, to: caret + u32::from(has_space), word: word.to_owned() })
}

/// Whether a username begins with these letters, whatever their case.
fn begins(username: &str, word: &str) -> bool {
    username.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word))
}

/// The first [`MOST`] of the people: the one with this very username, then those who wrote last, then by name. `wrote` gives
/// the `seq` of a person's last known message.
fn first(people: Vec<Person>, word: &str, wrote: impl Fn(UserId) -> i64) -> Vec<Person> {
    let ranked = people.into_iter().map(|person| {
        let is_other = !person.username.eq_ignore_ascii_case(word);
        ((is_other, -wrote(person.id), person.display_name().to_ascii_lowercase()), person)
    });
    let mut ranked: Vec<_> = ranked.collect();
    let mut first = Vec::new();
    // Sorting would bring code of its own.
    while first.len() < MOST
        && let Some(at) = (0..ranked.len()).min_by_key(|&at| &ranked[at].0)
    {
        first.push(ranked.swap_remove(at).1);
    }
    first
}

/// Members whom the typed word fits: it begins the username, or words of the displayed name.
fn offered(client: Client, id: ConversationId, members: &[Member], word: &str) -> Vec<Person> {
    // A dot or a hyphen at its end may end the sentence.
    let is_word = !word.ends_with(['.', '-']);
    let words = if is_word { search_words::of_query(word) } else { Vec::new() };
    let fits =
        |person: &Person| begins(&person.username, word) || search_words::fit(&words, &person.display_name());
    let others = members.iter().map(|member| &member.user);
    let others = others.filter(|person| person.id != client.me() && !person.suspended);
    let fitting = others.filter(|person| fits(person)).cloned().collect();
    client.peek(|state| {
        let timeline = state.rooms.get(&id).and_then(|room| room.timeline.as_ref());
        first(fitting, word, |user| {
            let messages = timeline.into_iter().flat_map(|timeline| timeline.messages());
            let own = messages
                .filter(|message| message.sender.id == user && message.message_type == MessageType::Text);
            own.map(|message| message.seq).max().unwrap_or_default()
        })
    })
}

/// The offer of one composer. In direct conversations it stays empty.
#[derive(Clone, Copy)]
pub(super) struct MentionOffer {
    field: NodeRef<html::Textarea>,
    is_group: bool,
    /// Whether there was an `@`: the members are worked out from the first one on.
    is_wanted: RwSignal<bool>,
    typed: RwSignal<Option<TypedWord>>,
    people: Memo<Vec<Person>>,
    selected: RwSignal<Option<UserId>>,
    /// Place of the `@` whose offer the reader closed.
    dismissed: StoredValue<Option<u32>>,
}

impl MentionOffer {
    pub(super) fn new(client: Client, id: ConversationId, field: NodeRef<html::Textarea>) -> Self {
        let is_wanted = RwSignal::new(false);
        let members = RwSignal::new(None::<Members>);
        let typed = RwSignal::new(None::<TypedWord>);
        effect(move || {
            if is_wanted.get() {
                members.set(Some(Members::new(client, id)));
            }
        });
        let people = Memo::new(move |_| {
            let typed = typed.read();
            let (Some(typed), Some(members)) = (typed.as_ref(), members.get()) else {
                return Vec::new();
            };
            offered(client, id, &members.all.read(), &typed.word)
        });
        effect(move || client.offered.set(u32::try_from(people.read().len()).unwrap_or_default()));
        on_cleanup(move || client.offered.set(0));
        Self {
            field,
            is_group: is_group(client, id),
            is_wanted,
            typed,
            people,
            selected: RwSignal::new(None),
            dismissed: StoredValue::new(None),
        }
    }

    /// Offers what fits the word at the caret, after an input.
    pub(super) fn update(self, field: &HtmlTextAreaElement, text: &str) {
        if !self.is_group {
            return;
        }
        let place = |of: Result<Option<u32>, _>| of.ok().flatten();
        let caret = place(field.selection_end()).filter(|end| place(field.selection_start()) == Some(*end));
        let typed = caret.and_then(|caret| typed_word(text, caret));
        let from = typed.as_ref().map(|typed| typed.from);
        if from.is_none() || self.dismissed.get_value() != from {
            self.dismissed.set_value(None);
        } else {
            return;
        }
        if typed.is_some() && !self.is_wanted.get_untracked() {
            self.is_wanted.set(true);
        }
        if self.typed.with_untracked(|before| *before != typed) {
            self.selected.set(None);
            self.typed.set(typed);
        }
    }

    /// Follows the caret, where it was moved without an input.
    pub(super) fn follow_caret(self, field: &HtmlTextAreaElement) {
        if self.typed.with_untracked(Option::is_some) {
            self.update(field, &field.value());
        }
    }

    /// Closes the list.
    pub(super) fn close(self) {
        if self.typed.try_with_untracked(Option::is_some) == Some(true) {
            self.typed.set(None);
        }
    }

    /// Takes a key, if the list is open and the key is for it.
    pub(super) fn key(self, event: &KeyboardEvent) -> bool {
        let with_others = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
        let people = self.people.get_untracked();
        if people.is_empty() || with_others || is_composing(event) {
            return false;
        }
        let (at, last) = (self.selected_at(), people.len() - 1);
        let select = |at: usize| {
            self.selected.set(people.get(at).map(|person| person.id));
            scroll_to(at);
        };
        match event.key().as_str() {
            "ArrowDown" => select(if at < last { at + 1 } else { 0 }),
            "ArrowUp" => select(at.checked_sub(1).unwrap_or(last)),
            "Enter" | "Tab" => people.get(at).into_iter().for_each(|person| self.take(&person.username)),
            "Escape" => {
                self.dismissed.set_value(self.typed.with_untracked(|typed| Some(typed.as_ref()?.from)));
                self.close();
            }
            _ => return false,
        }
        event.prevent_default();
        true
    }

    /// Replaces the typed word by a mention, as an edit that the browser can undo.
    fn take(self, username: &str) {
        let (Some(field), Some(typed)) = (self.field.get_untracked(), self.typed.get_untracked()) else {
            return;
        };
        self.close();
        let mention = format!("@{username} ");
        let _ = field.focus();
        let _ = field.set_selection_range(typed.from, typed.to);
        let page = document().unchecked_into::<HtmlDocument>();
        if page.exec_command_with_show_ui_and_value("insertText", false, &mention) != Ok(true) {
            let _ = field.set_range_text_with_start_and_end(&mention, typed.from, typed.to);
            let caret = typed.from + mention.len() as u32;
            let _ = field.set_selection_range(caret, caret);
            let _ = Event::new("input").and_then(|input| field.dispatch_event(&input));
        }
    }

    fn is_open(self) -> bool {
        !self.people.read().is_empty()
    }

    /// Index of the selected person; the first one without a choice.
    fn selected_at(self) -> usize {
        let selected = self.selected.get();
        let people = self.people.read();
        people.iter().position(|person| Some(person.id) == selected).unwrap_or_default()
    }

    /// Value of the field's `aria-autocomplete`: none until the page is live.
    pub(super) fn autocomplete(self) -> Signal<Option<&'static str>> {
        Signal::derive(move || self.field.get().filter(|_| self.is_group).map(|_| "list"))
    }

    /// Value of the field's `aria-controls`.
    pub(super) fn controls(self) -> Signal<Option<&'static str>> {
        Signal::derive(move || self.is_open().then_some(ID))
    }

    /// Value of the field's `aria-activedescendant`.
    pub(super) fn active(self) -> Signal<Option<String>> {
        Signal::derive(move || self.is_open().then(|| option_id(self.selected_at())))
    }
}

fn option_id(at: usize) -> String {
    format!("{ID}-{at}")
}

/// Scrolls the list to an option, where it is higher than its place.
fn scroll_to(at: usize) {
    let option = document().get_element_by_id(&option_id(at));
    let list = document().get_element_by_id(ID);
    let (Some(option), Some(list)) = (option.and_then(|option| option.dyn_into::<HtmlElement>().ok()), list)
    else {
        return;
    };
    let (top, height) = (option.offset_top(), option.offset_height());
    list.set_scroll_top(list.scroll_top().max(top + height - list.client_height()).min(top));
}

/// Listbox of the members that are offered.
#[component]
pub(super) fn MentionList(offer: MentionOffer) -> impl IntoView {
    let is_open = Memo::new(move |_| offer.is_open());
    let options = move || {
        let people = offer.people.get().into_iter().enumerate();
        people.map(|(at, person)| option(offer, at, person)).collect_view()
    };
    let list = move || {
        view! {
            <ul
                class="offer"
                id=ID
                role="listbox"
                aria-label=t!("composer.offer")
                // The focus stays in the field.
                on:mousedown=handler(move |event: MouseEvent| event.prevent_default())
            >
                {view_fn(options)}
            </ul>
        }
    };
    view_fn(move || is_open.get().then(list)).into_any()
}

fn option(offer: MentionOffer, at: usize, person: Person) -> AnyView {
    let name = person.display_name();
    let username = person.username.clone();
    view! {
        <li
            role="option"
            id=option_id(at)
            aria-selected=Signal::derive(move || (offer.selected_at() == at).to_string())
            on:click=handler(move |_: MouseEvent| offer.take(&username))
        >
            <Face picture=&person name=name.clone() />
            <bdi class="one-line">{name}</bdi>
            <span class="quiet" dir="ltr">
                {format!("@{}", person.username)}
            </span>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: i64, username: &str, first_name: &str) -> Person {
        Person {
            id: UserId(id),
            username: username.into(),
            first_name: first_name.into(),
            last_name: String::new(),
            hue: None,
            suspended: false,
            bot: false,
            name_key: None,
            picture: None,
        }
    }

    #[test]
    fn n1_places_in_the_field_are_in_utf_16() {
        let typed = |text, caret| typed_word(text, caret).map(|typed| (typed.from, typed.to, typed.word));
        assert_eq!(typed("@an", 3), Some((0, 3, "an".into())));
        assert_eq!(typed("👩 ä @an", 8), Some((5, 8, "an".into())));
        assert_eq!(typed("👩@an on", 5), Some((2, 6, "an".into())), "with the space that follows");
        assert_eq!(typed("@an\n", 3), Some((0, 3, "an".into())));
        assert_eq!(typed("@an", 2), None);
        assert_eq!(typed("", 0), None);
    }

    #[test]
    fn n1_a_username_fits_by_its_beginning() {
        assert!(begins("ben.b", "") && begins("ben.b", "Ben.") && begins("ben.b", "ben.b"));
        assert!(!begins("ben.b", "b.") && !begins("ben.b", "ben.b1") && !begins("ben", "é"));
    }

    #[test]
    fn n1_offered_are_the_very_name_then_who_wrote_last_then_by_name() {
        let names = ["ana", "anna", "anton", "andrea", "Ante", "anders", "anke", "ansgar"];
        let people = || (1..).zip(names).map(|(id, name)| person(id, name, "")).collect();
        let wrote = |user: UserId| {
            if user.0 == 8 {
                20
            } else if user.0 == 3 {
                30
            } else {
                0
            }
        };
        let offered = |word| {
            let people = first(people(), word, wrote);
            people.into_iter().map(|person| person.username).collect::<Vec<_>>()
        };
        assert_eq!(offered("an"), ["anton", "ansgar", "ana", "anders", "andrea", "anke"]);
        assert_eq!(offered("Anna")[..2], ["anna", "anton"]);
        let named = first(vec![person(1, "zoe", "Anna"), person(2, "bea", "")], "", |_| 0);
        assert_eq!(named[0].username, "zoe", "by the displayed name");
    }
}
