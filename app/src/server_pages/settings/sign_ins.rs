//! Where one is signed in.

use super::{Form, Said, Sheet};
use crate::components::PersonField;
use crate::datetime::Zone;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::SignIn;

pub(super) fn section(sheet: &Sheet, zone: Zone) -> impl IntoView {
    let rows = sheet.sign_ins.iter().map(|sign_in| row(sign_in, zone, sheet));
    view! {
        <section id="sign-ins">
            <h2>{t!("settings.sign_ins")}</h2>
            <Said flash=sheet.said(Form::SignIns) />
            <ul class="sign-ins">{rows.collect_view()}</ul>
            <form method="post" action="/sign-out-everywhere">
                <PersonField me=sheet.person.id />
                <button class="button plain">{t!("settings.sign_out_everywhere")}</button>
            </form>
        </section>
    }
}

fn row(sign_in: &SignIn, zone: Zone, sheet: &Sheet) -> impl IntoView {
    let (me, now) = (sheet.person.id, sheet.now);
    let device = device(&sign_in.device);
    let label = t!("settings.sign_out_device", device = device);
    let end = if sign_in.own {
        view! {
            <form method="post" action="/sign-out">
                <PersonField me />
                <button class="button plain" aria-label=label>{t!("settings.sign_out")}</button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <form method="post" action="/settings/sign-ins/end">
                <PersonField me />
                <input type="hidden" name="id" value=sign_in.id.clone() />
                <button class="button plain" aria-label=label>{t!("settings.sign_out")}</button>
            </form>
        }
        .into_any()
    };
    let began = t!("settings.signed_in_on", date = zone.date(sign_in.began_at, now));
    let used = if sign_in.own {
        t!("settings.this_one")
    } else {
        t!("settings.last_used", day = zone.heading(sign_in.used_at, now))
    };
    view! {
        <li class="sign-in">
            <div class="sign-in-words">
                <bdi class="person-name">{device}</bdi>
                <span class="quiet">{began}</span>
                <span class="quiet" class:is-own=sign_in.own>{used}</span>
            </div>
            {end}
        </li>
    }
}

/// "Firefox on Linux" in the reader's words.
fn device(name: &str) -> String {
    match name.split_once(" on ") {
        Some((browser, system)) => t!("settings.device", browser = browser, system = system),
        None if name.is_empty() => t!("settings.unknown_device"),
        None => name.to_owned(),
    }
}
