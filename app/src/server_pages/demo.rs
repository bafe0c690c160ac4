//! What pages of a demonstration have more. It stands behind the application in the document, where the server alone
//! renders it and nothing is hydrated.

use crate::components::Avatar;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::Person;

/// In the context of a demonstration's pages.
#[derive(Clone, Debug)]
pub struct Demo {
    /// People that a visitor may sign in as, on a page where one signs in.
    pub offered: Vec<Person>,
}

/// The people, one button each; and above everything the words that this is a demonstration.
#[component]
pub(crate) fn DemoNotice(demo: Demo) -> impl IntoView {
    let offered = demo.offered;
    view! {
        {(!offered.is_empty()).then(|| view! { <DemoPeople offered /> })}
        <aside class="demo-banner">
            <b>{t!("demo.is")}</b>
            " "
            {t!("demo.gone")}
        </aside>
    }
}

#[component]
fn DemoPeople(offered: Vec<Person>) -> impl IntoView {
    let buttons = offered.into_iter().map(|person| {
        view! {
            <li>
                <button class="demo-person" name="username" value=person.username.clone()>
                    <Avatar hue=person.face() name=person.display_name() />
                    <span>
                        <bdi>{person.display_name()}</bdi>
                        <small>{person.username.clone()}</small>
                    </span>
                </button>
            </li>
        }
    });
    view! {
        <section class="demo-people" aria-labelledby="demo-people">
            <h2 id="demo-people">{t!("demo.come_in")}</h2>
            <form method="post" action="/demo/sign-in">
                <ul>{buttons.collect_view()}</ul>
            </form>
            <p class="aside">{t!("demo.how")}</p>
        </section>
    }
}
