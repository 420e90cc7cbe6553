// @generated automatically by Diesel CLI.

diesel::table! {
    ai_conversations (id) {
        id -> Integer,
        user_id -> Nullable<Integer>,
        permission_profile_id -> Nullable<Integer>,
        title -> Text,
    }
}

diesel::table! {
    batch_jobs (id) {
        id -> Integer,
        org_id -> Integer,
        status -> Text,
    }
}

diesel::table! {
    invoice_lines (id) {
        id -> Integer,
        invoice_id -> Integer,
        text -> Text,
        cents -> BigInt,
    }
}

diesel::table! {
    invoices (id) {
        id -> Integer,
        org_id -> Integer,
        number -> Text,
    }
}

diesel::table! {
    organizations (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    pending_payments (id) {
        id -> Integer,
        org_id -> Integer,
        invoice_id -> Nullable<Integer>,
        cents -> BigInt,
    }
}

diesel::table! {
    permission_profiles (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> Integer,
        user_id -> Integer,
        token -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> Integer,
        org_id -> Integer,
        email -> Text,
    }
}

diesel::joinable!(ai_conversations -> permission_profiles (permission_profile_id));
diesel::joinable!(ai_conversations -> users (user_id));
diesel::joinable!(batch_jobs -> organizations (org_id));
diesel::joinable!(invoice_lines -> invoices (invoice_id));
diesel::joinable!(invoices -> organizations (org_id));
diesel::joinable!(pending_payments -> invoices (invoice_id));
diesel::joinable!(pending_payments -> organizations (org_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(users -> organizations (org_id));

diesel::allow_tables_to_appear_in_same_query!(
    ai_conversations,
    batch_jobs,
    invoice_lines,
    invoices,
    organizations,
    pending_payments,
    permission_profiles,
    sessions,
    users,
);
