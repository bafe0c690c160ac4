//! Section of the settings: the devices that the account is signed in on.

use super::{Form, Said, Sheet};
use crate::components::{PersonField, SignOutForm};
use crate::datetime::Zone;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::SignIn;

pub(super) fn section(sheet: &Sheet, zone: Zone) -> impl IntoView {
    let others = sheet.sign_ins.iter().any(|sign_in| !sign_in.own);
    let rows = sheet.sign_ins.iter().map(|sign_in| row(sign_in, zone, sheet));
    view! {
        <section id="sign-ins">
            <h2>{t!("settings.sign_ins")}</h2>
            <Said flash=sheet.said(Form::SignIns).or_else(|| sheet.said(Form::OtherSignIns)) />
            <ul class="sign-ins">{rows.collect_view()}</ul>
            <div class="sign-out-all">
                {others.then(|| view! {
                    <form method="post" action="/settings/sign-ins/end-others">
                        <PersonField me=sheet.person.id />
                        <button class="button plain">{t!("settings.sign_out_elsewhere")}</button>
                    </form>
                })}
                <SignOutForm action="/sign-out-everywhere" me=sheet.person.id>
                    <button class="button plain">{t!("settings.sign_out_everywhere")}</button>
                </SignOutForm>
            </div>
        </section>
    }
}

fn row(sign_in: &SignIn, zone: Zone, sheet: &Sheet) -> impl IntoView {
    let (me, now) = (sheet.person.id, sheet.now);
    let device = device(&sign_in.device);
    let label = t!("settings.sign_out_device", device = device);
    let end = if sign_in.own {
        view! {
            <SignOutForm action="/sign-out" me>
                <button class="button plain" aria-label=label>{t!("settings.sign_out")}</button>
            </SignOutForm>
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
    let moment = |at| t!("time.date_and_clock", date = zone.day_within(at, now), clock = zone.clock(at));
    let began = t!("settings.signed_in_on", when = moment(sign_in.began_at));
    let used = if sign_in.own {
        t!("settings.this_one")
    } else {
        t!("settings.last_used", when = moment(sign_in.used_at))
    };
    // An address reads from left to right in every language.
    let address = (!sign_in.address.is_empty()).then(|| {
        view! { <bdi dir="ltr">{sign_in.address.clone()}</bdi> " · " }
    });
    view! {
        <li class="sign-in">
            <div class="sign-in-words">
                <bdi class="person-name">{device}</bdi>
                <span class="quiet">{address} {began}</span>
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
