//! Models in a module of their own, two keys to one parent, several structs for one table, Diesel not in scope.
#![deny(warnings)]

mod schema {
    diesel::table! {
        users (id) {
            id -> Integer,
        }
    }

    diesel::table! {
        messages (id) {
            id -> Integer,
            sender_id -> Integer,
            recipient_id -> Nullable<Integer>,
        }
    }
}

mod models {
    pub mod message {
        use super::super::schema::*;

        #[derive(fkcheck_macros::ForeignKeys)]
        #[diesel(table_name = messages)]
        pub struct Message {
            #[fk(references = users(id), on_delete = cascade)]
            pub sender_id: i32,
            #[fk(references = users(id), on_delete = set_null)]
            pub recipient_id: Option<i32>,
        }

        #[derive(fkcheck_macros::ForeignKeys)]
        #[diesel(table_name = messages)]
        pub struct Sender {
            #[fk(references = crate::schema::users)]
            pub sender_id: i32,
        }
    }
}

fn main() {
    let message = models::message::Message { sender_id: 1, recipient_id: None };
    let _ = (models::message::Sender { sender_id: message.sender_id }.sender_id, message.recipient_id);
}
