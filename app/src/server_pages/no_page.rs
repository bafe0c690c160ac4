//! Error pages: unknown address, wrong host, refused single sign-on.

use super::outside::Outside;
use crate::i18n::t;
use leptos::prelude::*;

/// Reason for an error page.
#[derive(Clone, Debug)]
pub enum NoPage {
    /// Nothing is at this address.
    NotFound,
    /// The request asked for a host that is not this server's.
    WrongHost {
        /// The host that was asked for.
        host: String,
        /// The origin that browsers are to use, where it is configured.
        public: Option<String>,
    },
    /// A product's token does not sign in.
    SingleSignOn {
        /// The reason, in English, for the one who builds the product.
        why: String,
    },
}

/// Renders the error page: the reason, and a link to go on.
pub fn no_page(why: NoPage) -> impl IntoView {
    match why {
        NoPage::NotFound => view! {
            <Outside title=t!("no_page.nothing_here")>
                <p>{t!("no_page.nothing_at_address")}</p>
                <p><a class="button" href="/">{t!("no_page.to_conversations")}</a></p>
            </Outside>
        }
        .into_any(),
        NoPage::SingleSignOn { why } => view! {
            <Outside title=t!("no_page.not_signed_in")>
                <p>{t!("no_page.not_signed_in_why")}</p>
                <p class="aside" lang="en" dir="ltr">{why}</p>
            </Outside>
        }
        .into_any(),
        NoPage::WrongHost { host, public } => {
            let open = public.map(|address| {
                view! { <p><a class="button" href=address.clone()>{t!("no_page.open_instead", address = address)}</a></p> }
            });
            view! {
                <Outside title=t!("no_page.wrong_host")>
                    <p>{t!("no_page.wrong_host_why", host = host)}</p>
                    {open}
                    <p class="aside">{t!("no_page.wrong_host_change")}</p>
                </Outside>
            }
            .into_any()
        }
    }
}
