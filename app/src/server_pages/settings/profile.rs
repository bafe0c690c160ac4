//! Section of the settings: name and picture.

use super::super::field::Field;
use super::{Form, Said, Sheet};
use crate::components::{Avatar, PersonField, Picture};
use crate::i18n::{nth, t};
use leptos::prelude::*;
use protocol::AUTO;

/// Renders the section. The style sheet shows each colour as soon as it is chosen.
pub(super) fn section(sheet: &Sheet) -> impl IntoView {
    let person = &sheet.person;
    let name = person.display_name();
    let kept = person.hue.map_or_else(|| AUTO.to_owned(), |hue| hue.to_string());
    let chosen = sheet.text(Form::Profile, "hue", &kept);
    let names = t!("settings.colours");
    let colours = (0..8).map(|hue| {
        let value = hue.to_string();
        view! {
            <label class=format!("swatch hue-{hue}")>
                <input r#type="radio" name="hue" checked=value == chosen value=value aria-label=nth(&names, hue) />
            </label>
        }
    });
    let field = |name, label, autocomplete, kept: &str| {
        view! {
            <Field
                name=name
                label=label
                autocomplete=autocomplete
                text=sheet.text(Form::Profile, name, kept)
                wrong=sheet.wrong(Form::Profile, name)
            />
        }
    };
    // The style sheet shows the chosen colour.
    let picture = Picture { hue: person.id.0, emoji: None, image: person.picture.clone() };
    view! {
        <section id="profile">
            <h2>{t!("settings.profile")}</h2>
            <form class="form profile" method="post" action="/settings/profile">
                <PersonField me=sheet.person.id />
                <Said flash=sheet.said(Form::Profile) />
                <div class="self">
                    <Avatar picture name=name.clone() />
                    <div class="person-words">
                        <bdi class="person-name">{name}</bdi>
                        <span class="quiet" dir="ltr">{format!("@{}", person.username)}</span>
                    </div>
                </div>
                <div class="pair">
                    {field("first_name", t!("account.first_name"), "given-name", &person.first_name)}
                    {field("last_name", t!("account.last_name"), "family-name", &person.last_name)}
                </div>
                <fieldset class="choice">
                    <legend>{t!("settings.picture")}</legend>
                    <div class="swatches">
                        <label class="option">
                            <input r#type="radio" name="hue" value=AUTO checked=chosen == AUTO />
                            <span>{t!("settings.colour_of_id")}</span>
                        </label>
                        {colours.collect_view()}
                    </div>
                </fieldset>
                <p><button class="button">{t!("settings.save")}</button></p>
            </form>
        </section>
    }
}
