//! Flash messages of visitors, in a signed cookie, so that a refused visitor leaves nothing in the database. A second one keeps
//! the input of a form that was sent without a sign-in until its author has signed in.

use crate::config::AllowedOrigins;
use app::server_pages::Flash;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::UserId;
use sha2::{Digest as _, Sha512};
use time::Duration;
use tower_cookies::cookie::SameSite;
use tower_cookies::{Cookie, Cookies, Key};

const LIFETIME: Duration = Duration::minutes(15);

/// Maximum length of the cookie's value before it is signed. Browsers store 4 KB of name, value and attributes.
const MAX_COOKIE_BYTES: usize = 3_500;

/// Signs and reads the cookies of visitors. All nodes of an installation have the same key.
pub(crate) struct FlashCookies {
    key: Key,
    name: &'static str,
    /// The name of the cookie of a form that was sent without a sign-in.
    unsaved: &'static str,
    secure: bool,
}

impl FlashCookies {
    /// `secret`: the secret of the installation.
    pub(crate) fn new(secret: &[u8], origins: &AllowedOrigins) -> Self {
        let key = Sha512::new_with_prefix("rapport flash cookie\0").chain_update(secret).finalize();
        let secure = origins.is_https();
        let (name, unsaved) = match secure {
            true => ("__Host-rapport-flash", "__Host-rapport-unsaved"),
            false => ("rapport-flash", "rapport-unsaved"),
        };
        Self { key: Key::from(&key), name, unsaved, secure }
    }

    /// Sets the message of a visitor for the next page. Input that does not fit into a cookie is left out.
    pub(crate) fn set(&self, cookies: &Cookies, flash: &Flash) {
        self.add(cookies, self.name, flash);
    }

    /// Keeps a form that was sent without a sign-in. A message of the sign-in page, such as a wrong password, leaves it alone.
    pub(crate) fn set_unsaved(&self, cookies: &Cookies, flash: &Flash) {
        self.add(cookies, self.unsaved, flash);
    }

    fn add(&self, cookies: &Cookies, name: &'static str, flash: &Flash) {
        let mut value = encode(flash);
        if value.len() > MAX_COOKIE_BYTES {
            value = encode(&Flash { typed: Vec::new(), ..flash.clone() });
        }
        cookies.signed(&self.key).add(self.cookie(name, value));
    }

    /// Takes the message of a visitor for this page.
    pub(crate) fn take(&self, cookies: &Cookies, page: &str) -> Option<Flash> {
        self.take_if(cookies, self.name, |flash| flash.page == page)
    }

    /// Takes the form that this user sent from this page after the sign-in had ended.
    pub(crate) fn take_unsaved(&self, cookies: &Cookies, page: &str, user: UserId) -> Option<Flash> {
        self.take_if(cookies, self.unsaved, |flash| flash.page == page && flash.author == Some(user))
    }

    /// Whether a form of this page is kept.
    pub(crate) fn has_unsaved(&self, cookies: &Cookies, page: &str) -> bool {
        let kept = cookies.signed(&self.key).get(self.unsaved);
        kept.and_then(|kept| decode(kept.value())).is_some_and(|flash| flash.page == page)
    }

    fn take_if(
        &self,
        cookies: &Cookies,
        name: &'static str,
        is_wanted: impl FnOnce(&Flash) -> bool,
    ) -> Option<Flash> {
        let signed = cookies.signed(&self.key);
        let flash = decode(signed.get(name)?.value()).filter(is_wanted)?;
        signed.remove(self.cookie(name, String::new()));
        Some(flash)
    }

    fn cookie(&self, name: &'static str, value: String) -> Cookie<'static> {
        Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .max_age(LIFETIME)
            .build()
    }
}

/// JSON in letters that a cookie may contain.
fn encode(flash: &Flash) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(flash).unwrap_or_default())
}

fn decode(value: &str) -> Option<Flash> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::server_pages::Form;
    use protocol::ErrorCode;

    fn with_typed(text: &str) -> Flash {
        let fields = [("username", text), ("first_name", text), ("last_name", text)];
        Flash::refused(Form::Register, "/register", ErrorCode::Conflict.into()).typed(fields)
    }

    fn cookies(secret: &str) -> FlashCookies {
        FlashCookies::new(secret.as_bytes(), &AllowedOrigins::new(None, Vec::new(), None))
    }

    #[test]
    fn v5_a_flash_cookie_is_shown_once_on_its_page_and_only_as_the_server_wrote_it() {
        let (ours, jar) = (cookies("ours"), Cookies::default());
        let flash = with_typed("ä; \"<b>\" & =%, س");
        ours.set(&jar, &flash);
        assert_eq!(ours.take(&jar, "/sign-in"), None);
        assert_eq!(cookies("theirs").take(&jar, "/register"), None, "another key");
        assert_eq!(cookies("ours").take(&jar, "/register"), Some(flash.clone()), "another node");
        assert_eq!(ours.take(&jar, "/register"), None, "once");
        jar.add(ours.cookie(ours.name, encode(&flash)));
        assert_eq!(ours.take(&jar, "/register"), None, "unsigned");
    }

    #[test]
    fn v11_a_flash_cookie_stays_below_four_kilobytes() {
        let (ours, jar) = (cookies("ours"), Cookies::default());
        for text in ["ä".repeat(80), "\u{1f600}".repeat(400), "\0".repeat(200)] {
            ours.set(&jar, &with_typed(&text));
            let cookie = jar.get("rapport-flash").expect("a cookie").to_string();
            assert!(cookie.len() < 4_096, "{}", cookie.len());
            let flash = ours.take(&jar, "/register").expect("a flash");
            let fits = text.chars().count() == 80;
            assert_eq!(flash.text("last_name"), fits.then(|| text.clone()), "a name of the permitted length");
        }
    }
}
