//! Section of the settings: the way to the pages of moderators.

use crate::i18n::t;
use leptos::prelude::*;

pub(super) fn section() -> impl IntoView {
    view! {
        <section id="moderation">
            <h2>{t!("moderation.title")}</h2>
            <p>{t!("moderation.what")}</p>
            <p>
                <a class="button plain" href="/moderation" rel="external">
                    {t!("moderation.go")}
                </a>
            </p>
        </section>
    }
}
