//! Origins from which pictures are shown: of subjects by their kind, of people by the product that signs them in.

use url::Url;

/// Maximum length of a picture's URL, in bytes.
const MAX_PICTURE: usize = 2_048;

/// A configured list of origins, each as [`Url::origin`] writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageOrigins(Vec<String>);

impl ImageOrigins {
    /// The origins of the setting `image_origins`.
    ///
    /// # Errors
    /// A text that is no http or https origin.
    pub fn parse(texts: &[String]) -> Result<Self, String> {
        texts.iter().map(|text| origin(text)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a picture of this URL is shown.
    #[must_use]
    pub fn allow(&self, url: &Url) -> bool {
        self.0.contains(&url.origin().ascii_serialization())
    }

    /// The origins, for a Content-Security-Policy.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// An http or https origin in its normal form.
fn origin(text: &str) -> Result<String, String> {
    let no_origin = || {
        format!("image_origins: `{text}` is no origin; write it as https://img.example.org, without a path")
    };
    let url = Url::parse(text.trim_end_matches('/')).map_err(|_| no_origin())?;
    let is_bare =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !is_bare || url.password().is_some() || !matches!(url.scheme(), "http" | "https") {
        return Err(no_origin());
    }
    Ok(url.origin().ascii_serialization())
}

/// Whether a text can be the URL of a person's picture.
pub(crate) fn is_picture(url: &str) -> bool {
    url.len() <= MAX_PICTURE && url.starts_with("https://") && url.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x2_a_picture_is_shown_from_the_listed_origins_alone() {
        let origins = ImageOrigins::parse(&["https://IMG.example/".into(), "https://b.example:8443".into()]);
        let origins = origins.unwrap();
        for (url, allowed) in [
            ("https://img.example/7.png", true),
            ("https://img.example:443/", true),
            ("https://b.example:8443/7?size=2#x", true),
            ("https://b.example/7", false),
            ("http://img.example/7", false),
            ("https://img.example.evil/7", false),
            ("https://img.example@evil.example/7", false),
            ("data:image/png;base64,AA==", false),
        ] {
            assert_eq!(origins.allow(&Url::parse(url).unwrap()), allowed, "{url}");
        }
        assert!(!ImageOrigins::default().allow(&Url::parse("https://img.example/7").unwrap()));
    }
}
