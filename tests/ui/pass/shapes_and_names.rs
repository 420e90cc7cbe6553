//! Lifetimes, generics, `cfg_attr`, raw identifiers, `sql_name`, schemas, upper-case tables, old-style attributes.
#![deny(warnings)]

use diesel::prelude::*;
use fkcheck_macros::ForeignKeys;

mod schema {
    diesel::table! {
        #[sql_name = "Account"]
        accounts (id) {
            id -> Integer,
            #[sql_name = "type"]
            type_ -> Nullable<Integer>,
        }
    }

    diesel::table! {
        billing.invoices (id) {
            id -> Nullable<Integer>,
            account_id -> Integer,
            r#move -> Nullable<Integer>,
        }
    }

    #[allow(non_snake_case)]
    pub mod upper {
        diesel::table! {
            Orders (id, region) {
                id -> BigInt,
                region -> Text,
                parent_id -> Nullable<BigInt>,
                parent_region -> Nullable<Text>,
                invoice_id -> BigInt,
            }
        }
    }
}

use schema::accounts;

#[derive(Identifiable, ForeignKeys)]
struct Account<'a, T>
where
    T: 'a,
{
    id: i32,
    // A parent with generics can't be proved, and is left to the command.
    #[diesel(column_name = type_)]
    #[fk(references = accounts(id), on_delete = "Set Null")]
    r#type: Option<&'a T>,
}

#[derive(Identifiable)]
#[diesel(table_name = accounts)]
struct Named<'a> {
    id: &'a i32,
}

#[derive(ForeignKeys)]
#[cfg_attr(all(), diesel(table_name = crate::schema::invoices))]
#[diesel(belongs_to(Named<'_>, foreign_key = account_id))]
struct Invoice {
    #[cfg_attr(all(), fk(on_delete = restrict))]
    #[cfg_attr(any(), fk(on_delete = cascade))]
    account_id: i32,
    #[fk(references = crate::schema::accounts(id), on_delete = set_null(r#move))]
    r#move: Option<i32>,
    // The parent's key is `Nullable` in `schema.rs`, as SQLite tells it.
    #[fk(references = schema::invoices, on_delete = no_action)]
    id: i32,
}

#[derive(ForeignKeys)]
#[diesel(table_name = accounts, belongs_to(Account<'_, i32>, foreign_key = id))]
struct OfAGeneric {
    #[fk(on_delete = cascade)]
    id: i32,
}

#[derive(ForeignKeys)]
#[diesel(table_name = schema::upper::Orders)]
#[fk(columns(parent_id, parent_region), references = schema::upper::Orders(id, region), on_delete = set_null)]
#[fk(columns(parent_region), references = "regions(name)", on_delete = set_null(parent_region))]
struct Order {
    #[fk(references = schema::invoices(id), on_delete = cascade, allow(fk_type_mismatch, reason = "historical"))]
    invoice_id: i64,
    #[diesel(column_name = id)]
    #[fk(references = schema::invoices(id), on_delete = set_null, allow(fk_type_mismatch, fk_set_null_not_nullable))]
    not_yet_nullable: i64,
    #[fk(none, reason = "told apart by another column")]
    parent_id: Option<i64>,
}

#[derive(ForeignKeys)]
#[diesel(table_name = schema::upper::Orders)]
#[fk(columns(parent_id, parent_region), references = schema::upper::Orders, on_delete = set_null)]
struct ByPrimaryKey;

#[derive(ForeignKeys)]
#[diesel(table_name = accounts)]
struct Tuple(i32, #[diesel(column_name = type_)] #[fk(references = accounts, on_delete = set_default)] Option<i32>);

#[derive(Queryable, Insertable, ForeignKeys)]
#[diesel(table_name = accounts)]
#[allow(deprecated)]
struct OldStyle {
    #[diesel(column_name = "type_")]
    #[fk(references = accounts(id), on_delete = cascade)]
    kind: Option<i32>,
}

// The derive alone, and nothing to say: the table must exist, no more.
#[derive(ForeignKeys)]
#[diesel(table_name = accounts)]
struct Silent;

fn main() {
    #[derive(ForeignKeys)]
    #[diesel(table_name = accounts)]
    struct InAFunction {
        #[fk(references = accounts(id), on_delete = cascade)]
        id: i32,
    }
    let _ = (InAFunction { id: 1 }.id, Silent, ByPrimaryKey);
    let _ = (Tuple(1, None).1, OldStyle { kind: None }.kind, OfAGeneric { id: 1 }.id, Named { id: &1 }.id);
    let order = Order { invoice_id: 1, not_yet_nullable: 1, parent_id: None };
    let invoice = Invoice { account_id: 1, r#move: None, id: 1 };
    let account = Account { id: 1, r#type: Some(&2) };
    let _ = (order.invoice_id, order.not_yet_nullable, order.parent_id, invoice.account_id, invoice.r#move, invoice.id, account.id, account.r#type);
}
