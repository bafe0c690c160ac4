//! Section of the settings: notifications and sound of this device. `device.js` keeps them in the browser.

use crate::i18n::t;
use leptos::prelude::*;

pub(super) fn section() -> impl IntoView {
    view! {
        <section id="device">
            <h2>{t!("notification.device")}</h2>
            <p class="quiet" data-script="hides">{t!("notification.no_script")}</p>
            <div class="form" data-script="shows" hidden>
                <p class="quiet">{t!("notification.device_words")}</p>
                <label class="switch">
                    <input type="checkbox" role="switch" id="device-notifications" aria-describedby="device-state" />
                    <span>{t!("notification.show")}</span>
                </label>
                <p
                    class="quiet"
                    id="device-state"
                    role="status"
                    data-on=t!("notification.state_on")
                    data-off=t!("notification.state_off")
                    data-denied=t!("notification.state_denied")
                    data-missing=t!("notification.state_missing")
                ></p>
                <div class="row device-sound">
                    <label class="switch">
                        <input type="checkbox" role="switch" id="device-sound" />
                        <span>{t!("notification.sound")}</span>
                    </label>
                    <button class="button plain" type="button" id="device-test">
                        {t!("notification.test_sound")}
                    </button>
                </div>
            </div>
        </section>
    }
}
