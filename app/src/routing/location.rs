//! The location: the address of the page as signals.

use super::{RequestUrl, Route, join_base, split_base};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// The current location: changes as links are followed.
#[derive(Clone, Copy)]
pub(crate) struct Location {
    /// One of [`super::EMBED_BASES`], before the path in the address; empty for a page that is not embedded.
    pub(crate) base: &'static str,
    /// Path, such as `/c/7`.
    pub(crate) pathname: RwSignal<String>,
    /// Query without its question mark.
    pub(crate) search: RwSignal<String>,
    /// The page of the path.
    pub(crate) route: Memo<Route>,
}

/// Puts the location into the context. On the server it is the requested address, in the browser the window's.
pub(crate) fn provide_location() -> Location {
    let RequestUrl { base, path, query } = use_context().unwrap_or_else(window_url);
    let pathname = RwSignal::new(path);
    let route = Memo::new(move |_| Route::of(&pathname.read()));
    let location = Location { base, pathname, search: RwSignal::new(query), route };
    provide_context(location);
    location
}

/// The location of this page.
pub(crate) fn use_location() -> Location {
    expect_context()
}

/// The window's address.
pub(super) fn window_url() -> RequestUrl {
    let location = window().location();
    let query = location.search().unwrap_or_default();
    let path = location.pathname().unwrap_or_default();
    let (base, path) = split_base(&path);
    RequestUrl { base, path: path.to_owned(), query: query.strip_prefix('?').unwrap_or_default().to_owned() }
}

/// The base of the window's address.
pub(crate) fn window_base() -> &'static str {
    window_url().base
}

impl Location {
    /// The address of a path, or of a link of this page.
    fn address(self, href: &str) -> String {
        let origin = window().location().origin().unwrap_or_default();
        join_base(self.base, href.strip_prefix(&origin).unwrap_or(href))
    }

    /// Goes to a live page: a new entry of the browser's history.
    pub(crate) fn navigate(self, href: &str) {
        let history = window().history();
        let _ = history
            .and_then(|history| history.push_state_with_url(&JsValue::TRUE, "", Some(&self.address(href))));
        self.update();
    }

    /// Changes the address without a new entry of the history.
    pub(crate) fn replace(self, href: &str) {
        let history = window().history();
        let state = history.as_ref().map_or(JsValue::NULL, |history| history.state().unwrap_or_default());
        let _ =
            history.and_then(|history| history.replace_state_with_url(&state, "", Some(&self.address(href))));
        self.update();
    }

    /// Leaves what is shown over `href`: by the way back where the reader came that way, else by a changed address.
    pub(crate) fn go_back_to(self, href: &str) {
        match window().history() {
            Ok(history) if history.state().is_ok_and(|state| state.is_truthy()) => drop(history.back()),
            _ => self.replace(href),
        }
    }

    /// Takes over the window's address; a signal is set only where it changed.
    pub(super) fn update(self) {
        let RequestUrl { path, query, .. } = window_url();
        let (old_path, old_query) = (self.pathname.get_untracked(), self.search.get_untracked());
        // The query first, because a page reads it once when it is entered.
        if old_query != query {
            self.search.set(query);
        }
        if old_path != path {
            self.pathname.set(path);
        }
    }

    /// A parameter of the query, as it stands in the address.
    pub(crate) fn query_param(self, name: &str) -> Option<String> {
        self.search.with_untracked(|search| {
            let mut pairs = search.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        })
    }
}
