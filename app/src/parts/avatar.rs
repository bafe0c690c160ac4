//! A face without a picture.

use leptos::prelude::*;

fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next().or_else(|| name.chars().next());
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// Initials on a colour made from a number (`Person::face`).
#[component]
pub(crate) fn Avatar(id: i64, #[prop(into)] name: String) -> impl IntoView {
    view! {
        <span class=format!("avatar hue-{}", id.rem_euclid(8)) aria-hidden="true">
            {initials(&name)}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn of_the_first_and_the_last_name() {
        assert_eq!(initials("Ana de la Cruz"), "AC");
        assert_eq!(initials("ben"), "B");
        assert_eq!(initials("éva Σ"), "ÉΣ");
        assert_eq!(initials(""), "");
        assert_eq!(initials("-"), "-");
    }
}
