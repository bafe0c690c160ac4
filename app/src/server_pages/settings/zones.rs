//! The choice of a time zone, by region and city in the reader's language.

use crate::datetime::ReaderZone;
use crate::i18n::{lookup, nth, t};
use chat::zone::REGIONS;
use leptos::prelude::*;
use protocol::AUTO;

/// A select of all zones that the catalogue has a city for, ordered as the reader sees them. The browser's own zone is
/// named, so that one sees the meaning of "same as browser". A chosen zone without a city stays selectable.
#[component]
pub(super) fn ZoneSelect(
    /// IANA names of all zones.
    zones: &'static [String],
    /// IANA name of the chosen zone, or [`AUTO`].
    chosen: String,
) -> impl IntoView {
    let browser = use_context::<ReaderZone>().filter(|zone| !zone.chosen && !zone.name.is_empty());
    let auto = match browser {
        Some(zone) => t!("settings.same_as_browser_zone", zone = place(&zone.name)),
        None => t!("settings.same_as_browser"),
    };
    let chosen = current_name(&chosen).to_owned();
    let mut options: Vec<(String, &str)> = zones
        .iter()
        .filter(|zone| **zone == chosen || city(zone).is_some())
        .map(|zone| (place(zone), zone.as_str()))
        .collect();
    options.sort();
    let options = options.into_iter().map(|(place, zone)| {
        view! { <option value=zone selected=zone == chosen>{place}</option> }
    });
    view! {
        <select name="time_zone">
            <option value=AUTO selected=chosen == AUTO>
                {auto}
            </option>
            {options.collect_view()}
        </select>
    }
}

/// Zones that the IANA renamed and browsers still report by their former name: those of the Unicode CLDR 48
/// (`timezone.json`, `_iana`).
const RENAMED: [(&str, &str); 19] = [
    ("Africa/Asmera", "Africa/Asmara"),
    ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ("America/Catamarca", "America/Argentina/Catamarca"),
    ("America/Coral_Harbour", "America/Atikokan"),
    ("America/Cordoba", "America/Argentina/Cordoba"),
    ("America/Godthab", "America/Nuuk"),
    ("America/Indianapolis", "America/Indiana/Indianapolis"),
    ("America/Jujuy", "America/Argentina/Jujuy"),
    ("America/Louisville", "America/Kentucky/Louisville"),
    ("America/Mendoza", "America/Argentina/Mendoza"),
    ("Asia/Calcutta", "Asia/Kolkata"),
    ("Asia/Katmandu", "Asia/Kathmandu"),
    ("Asia/Rangoon", "Asia/Yangon"),
    ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
    ("Atlantic/Faeroe", "Atlantic/Faroe"),
    ("Europe/Kiev", "Europe/Kyiv"),
    ("Pacific/Enderbury", "Pacific/Kanton"),
    ("Pacific/Ponape", "Pacific/Pohnpei"),
    ("Pacific/Truk", "Pacific/Chuuk"),
];

/// The IANA's current name of a zone.
fn current_name(zone: &str) -> &str {
    RENAMED.iter().find(|(former, _)| *former == zone).map_or(zone, |(_, current)| current)
}

/// The city of a zone in the reader's language.
fn city(zone: &str) -> Option<String> {
    lookup(&format!("zones.{zone}"))
}

/// Region and city of a zone in the reader's language, "Europa/Rom". A city that the catalogue does not have is spelled as
/// the IANA does.
pub(super) fn place(zone: &str) -> String {
    let zone = current_name(zone);
    let Some((region, rest)) = zone.split_once('/') else { return zone.to_owned() };
    // The catalogue has the words for the regions in the same order.
    let known = REGIONS.iter().zip(0..).find(|(name, _)| **name == region);
    let region = known.map_or_else(|| region.to_owned(), |(_, at)| nth(&t!("settings.regions"), at));
    let city = city(zone).unwrap_or_else(|| rest.replace('_', " ").replace('/', ", "));
    format!("{region}/{city}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn read_in<T>(language: Language, read: impl FnOnce() -> T) -> T {
        Owner::new().with(|| {
            provide_context(language);
            read()
        })
    }

    #[test]
    fn f2_a_zone_is_named_by_region_and_city_in_the_readers_language() {
        for (language, zone, name) in [
            (Language::En, "Europe/Berlin", "Europe/Berlin"),
            (Language::En, "Asia/Saigon", "Asia/Ho Chi Minh City"),
            (Language::En, "America/Argentina/Buenos_Aires", "America/Buenos Aires"),
            (Language::En, "America/Buenos_Aires", "America/Buenos Aires"),
            (Language::De, "Europe/Rome", "Europa/Rom"),
            (Language::De, "Indian/Maldives", "Indischer\u{a0}Ozean/Malediven"),
            (Language::Ar, "Asia/Riyadh", "آسيا/الرياض"),
            (Language::De, "Asia/Chungking", "Asien/Chungking"),
            (Language::De, "UTC", "UTC"),
        ] {
            assert_eq!(read_in(language, || place(zone)), name, "{language:?} {zone}");
        }
    }

    #[test]
    fn f2_every_region_has_a_name_in_every_language() {
        for language in Language::ALL {
            let regions = read_in(language, || t!("settings.regions"));
            assert_eq!(regions.split(' ').count(), REGIONS.len(), "{language:?}");
        }
    }

    #[test]
    fn f2_no_two_zones_have_the_same_name_and_every_city_belongs_to_a_zone() {
        let zones = chat::zone::names();
        let catalogue = crate::_RUST_I18N_BACKEND.messages_for_locale("en").expect("a catalogue");
        let cities = catalogue.iter().filter_map(|(key, _)| key.strip_prefix("zones.").map(str::to_owned));
        let unknown: Vec<_> = cities.filter(|zone| !zones.contains(zone)).collect();
        assert_eq!(unknown, [""; 0]);
        for language in Language::ALL {
            let mut names: Vec<_> = read_in(language, || {
                zones.iter().filter(|zone| city(zone).is_some()).map(|zone| place(zone)).collect()
            });
            assert!(names.len() > 400, "{}", names.len());
            names.sort_unstable();
            let all = names.len();
            names.dedup();
            assert_eq!(names.len(), all, "{language:?}");
        }
        for (former, current) in RENAMED {
            assert!(read_in(Language::De, || city(former).is_none() && city(current).is_some()), "{former}");
        }
    }
}
