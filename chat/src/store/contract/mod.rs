//! What every store must hold to: one suite for all implementations.
//!
//! `store_contract!(make)` makes one test of each rule, where `make` is an async function that gives an empty store and
//! whatever must stay alive beside it.

pub(crate) mod accounts;
pub(crate) mod changing;
pub(crate) mod founding;
pub(crate) mod reading;
pub(crate) mod receipts;
pub(crate) mod sending;
pub(crate) mod syncing;
mod world;

pub(crate) use world::World;

macro_rules! store_contract {
    ($make:path; $($part:ident: $($rule:ident)*;)*) => {
        $($(
            #[tokio::test]
            async fn $rule() {
                let (store, _alive) = $make().await;
                crate::store::contract::$part::$rule(&crate::store::contract::World::new(store)).await;
            }
        )*)*
    };
    ($make:path) => {
        crate::store::contract::store_contract! { $make;
            sending:
                a_message_is_kept_and_given_back
                f7_the_same_client_id_100_times_at_once
                f7_the_same_client_id_twice_in_one_batch
                f7_a_repeat_gives_the_message_as_it_is_now
                f8_another_body_under_the_same_client_id
                z1_an_outsider_and_a_conversation_that_is_not_there
                z4_a_reply_to_a_message_elsewhere
                one_counter_without_gaps_however_many_send
                a_batch_of_good_and_refused_writes
                kinds_in_a_batch_keep_their_order
                any_text_comes_back_as_it_was;
        }
    };
}
pub(crate) use store_contract;
