//! What pages of a demonstration have more. It stands behind the application in the document, where the server alone
//! writes it and nothing has to be hydrated.

use crate::components::avatar;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::Person;

/// In the context of a demonstration's pages.
#[derive(Clone, Debug)]
pub struct Demo {
    /// Whom a visitor may be, on a page where one signs in.
    pub offered: Vec<Person>,
}

/// The people, one button each; and above everything the words that this is none of it real.
pub(crate) fn demonstration(Demo { offered }: Demo) -> impl IntoView {
    view! {
        {(!offered.is_empty()).then(|| people(offered))}
        <aside class="demo-banner">
            <b>{t!("demo.is")}</b>
            " "
            {t!("demo.gone")}
        </aside>
    }
}

fn people(offered: Vec<Person>) -> impl IntoView {
    let buttons = offered
        .into_iter()
        .map(|person| {
            view! {
                <li>
                    <button class="demo-person" name="username" value=person.username.clone()>
                        {avatar(person.face(), &person.display_name())}
                        <span>
                            <bdi>{person.display_name()}</bdi>
                            <small>{person.username.clone()}</small>
                        </span>
                    </button>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="demo-people" aria-labelledby="demo-people">
            <h2 id="demo-people">{t!("demo.come_in")}</h2>
            <form method="post" action="/demo/sign-in">
                <ul>{buttons}</ul>
            </form>
            <p class="aside">{t!("demo.how")}</p>
        </section>
    }
}
