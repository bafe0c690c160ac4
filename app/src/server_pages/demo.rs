//! Banner and sign-in buttons of a demonstration. They follow the application in the document, are rendered by the
//! server alone, and are not hydrated.

use crate::components::Avatar;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::Person;

/// Context of the pages of a demonstration.
#[derive(Clone, Debug)]
pub struct Demo {
    /// People that a visitor may sign in as without a password; empty except on the sign-in page and the register page.
    pub offered: Vec<Person>,
}

/// The banner, and a sign-in button for each person that is offered.
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
                    <Avatar picture=&person name=person.display_name() />
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
