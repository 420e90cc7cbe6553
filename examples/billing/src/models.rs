//! What the tables hold, and what becomes of a row when its parent is deleted.

use diesel::prelude::*;
use fkcheck_macros::ForeignKeys;

use crate::schema::{
    ai_conversations, batch_jobs, invoice_lines, invoices, organizations, pending_payments,
    permission_profiles, sessions, users,
};

#[derive(Queryable, Selectable, Identifiable, ForeignKeys)]
pub struct Organization {
    pub id: i32,
    pub name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, ForeignKeys)]
#[diesel(belongs_to(Organization, foreign_key = org_id))]
pub struct User {
    pub id: i32,
    #[fk(on_delete = cascade)]
    pub org_id: i32,
    pub email: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, ForeignKeys)]
#[diesel(belongs_to(User))]
#[fk(data = ephemeral)]
pub struct Session {
    pub id: i32,
    #[fk(on_delete = cascade)]
    pub user_id: i32,
    pub token: String,
}

#[derive(Queryable, Selectable, Identifiable, ForeignKeys)]
pub struct PermissionProfile {
    pub id: i32,
    pub name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, ForeignKeys)]
#[diesel(belongs_to(User))]
pub struct AiConversation {
    pub id: i32,
    #[fk(on_delete = set_null, reason = "a conversation outlives the user's account")]
    pub user_id: Option<i32>,
    #[fk(references = permission_profiles(id), on_delete = no_action)]
    pub permission_profile_id: Option<i32>,
    pub title: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, ForeignKeys)]
#[diesel(belongs_to(Organization, foreign_key = org_id))]
pub struct BatchJob {
    pub id: i32,
    #[fk(on_delete = no_action)]
    pub org_id: i32,
    pub status: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, ForeignKeys)]
#[diesel(belongs_to(Organization, foreign_key = org_id))]
pub struct Invoice {
    pub id: i32,
    #[fk(on_delete = restrict, reason = "invoices are kept for ten years")]
    pub org_id: i32,
    pub number: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, ForeignKeys)]
#[diesel(belongs_to(Invoice))]
pub struct InvoiceLine {
    pub id: i32,
    #[fk(on_delete = cascade, reason = "a line is a part of its invoice")]
    pub invoice_id: i32,
    pub text: String,
    pub cents: i64,
}

#[derive(Queryable, Selectable, Identifiable, Associations, ForeignKeys)]
#[diesel(belongs_to(Organization, foreign_key = org_id), belongs_to(Invoice))]
pub struct PendingPayment {
    pub id: i32,
    #[fk(on_delete = no_action)]
    pub org_id: i32,
    #[fk(on_delete = set_null)]
    pub invoice_id: Option<i32>,
    pub cents: i64,
}

#[derive(Insertable)]
#[diesel(table_name = organizations)]
pub struct NewOrganization<'a> {
    pub name: &'a str,
}

#[derive(Insertable, ForeignKeys)]
#[diesel(table_name = pending_payments)]
pub struct NewPendingPayment {
    #[fk(references = organizations(id), on_delete = no_action)]
    pub org_id: i32,
    pub cents: i64,
}
