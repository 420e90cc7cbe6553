use fkcheck_macros::ForeignKeys;

#[derive(ForeignKeys)]
enum Owner {
    User(i64),
    Team(i64),
}

#[derive(ForeignKeys)]
union Bits {
    a: i64,
    b: u64,
}

diesel::table! {
    follows (id) {
        id -> BigInt,
        user_id -> BigInt,
    }
}

#[derive(ForeignKeys)]
#[diesel(table_name = follows)]
struct Follow(i64, #[fk(references = follows(id), on_delete = cascade)] i64);

fn main() {}
